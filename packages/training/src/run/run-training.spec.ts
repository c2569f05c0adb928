import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { MlopsError } from '@nx-mlops/core';
import { writeRun } from '../../test/run-fixture';
import { openRun } from './open-run';
import { performTraining } from './run-training';

async function runFile(): Promise<string> {
  const directory = join(dirSync({ unsafeCleanup: true }).name, 'with a space');
  mkdirSync(directory);
  await writeRun(directory, {
    columns: [{ name: 'y', type: 'number' }],
    features: ['y'],
    target: 'y',
    rows: [{ y: 1 }],
  });
  return join(directory, 'run.json');
}

const never = new AbortController().signal;

describe('openRun', () => {
  test('opens the run that the task named', async () => {
    const run = await openRun({ env: { MLOPS_RUN: await runFile() } });
    expect(run.context).toMatchObject({ model: 'model', seed: 7, features: [{ name: 'y', type: 'number' }] });
    expect([run.hasSplit('train'), run.hasSplit('validation')]).toEqual([true, false]);
    expect(run.seedFor('hidden')).not.toBe(run.seedFor('output'));
  });

  test('names the splits there are for one that is not', async () => {
    const run = await openRun({ env: { MLOPS_RUN: await runFile() } });
    expect(() => run.split('trian')).toThrow(
      'model.config.json: datasets.trian: This model has no "trian" split. Did you mean "train"?',
    );
  });

  test.each([
    [
      'by hand',
      {},
      'MLOPS_RUN is not set, so this script does not know what to train on. Start it with "nx train',
    ],
    ['with a run that is gone', { MLOPS_RUN: '/nowhere/run.json' }, '/nowhere/run.json: cannot be read.'],
  ])('says what to do when started %s', async (_how, env, message) => {
    await expect(openRun({ env })).rejects.toThrow(message);
  });

  test('refuses a run of another version', async () => {
    const file = await runFile();
    writeFileSync(file, '{"version":2}');
    await expect(openRun({ env: { MLOPS_RUN: file } })).rejects.toThrow(
      'written by another version of nx-mlops',
    );
  });
});

describe('performTraining', () => {
  test('succeeds when the script does, with a Math.random that repeats', async () => {
    const env = { MLOPS_RUN: await runFile() };
    const drawn: number[] = [];
    const train = async () => void drawn.push(Math.random());
    expect(await performTraining(train, { env, signal: never })).toEqual({ exitCode: 0 });
    await performTraining(train, { env, signal: never });
    expect(drawn[1]).toBe(drawn[0]);
    expect(Math.random()).not.toBe(drawn[0]);
  });

  test.each<[string, Error, Record<string, string>, RegExp]>([
    ['one paragraph for what a person can mend', new MlopsError('MLOPS_X', 'Mend it.'), {}, /^Mend it\.$/],
    [
      'the stack too when asked to be verbose',
      new MlopsError('MLOPS_X', 'Mend it.'),
      { NX_VERBOSE_LOGGING: 'true' },
      /Mend it\.\n +at /,
    ],
    [
      'the stack of a mistake in the script',
      new TypeError('x is no function'),
      {},
      /^TypeError: x is no function\n +at /,
    ],
  ])('tells %s', async (_what, error, env, message) => {
    const outcome = await performTraining(() => Promise.reject(error), {
      env: { MLOPS_RUN: await runFile(), ...env },
      signal: never,
    });
    expect(outcome).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends as a shell expects after %s', async (signal, exitCode) => {
    const controller = new AbortController();
    const outcome = await performTraining(
      async () => {
        controller.abort(signal);
        throw new Error('stopped');
      },
      { env: { MLOPS_RUN: await runFile() }, signal: controller.signal },
    );
    expect(outcome.exitCode).toBe(exitCode);
  });
});
