import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationRun } from '@nx-mlops/core';
import { dirSync } from 'tmp';
import { withDatabase } from '../data/database';
import { performFramed } from '../run/script-frame';
import { loadEvaluationRun } from './load-evaluation-run';

function runFile(changes: Partial<EvaluationRun> = {}): string {
  const folder = join(dirSync({ unsafeCleanup: true }).name, "it's a folder");
  mkdirSync(join(folder, 'output'), { recursive: true });
  const context: EvaluationRun = {
    version: 1,
    model: 'late',
    task: 'regression',
    modelFile: join(folder, 'model.onnx'),
    features: [{ name: 'a', type: 'number' }],
    target: 'b',
    customMetrics: ['bleu'],
    params: { beam: 4 },
    seed: 7,
    threads: 1,
    datasets: {
      test: { dataset: 'd', split: 'test', path: join(folder, 'test.parquet'), rows: 2, columns: [] },
    },
    outputDir: join(folder, 'output'),
    ...changes,
  };
  const file = join(folder, 'run.json');
  writeFileSync(file, JSON.stringify(context));
  return file;
}

const open = (changes?: Partial<EvaluationRun>) => loadEvaluationRun({ MLOPS_RUN: runFile(changes) });

describe('loadEvaluationRun', () => {
  test('gives model, test split and params over defaults', async () => {
    const run = await open();
    expect(run.modelFile).toMatch(/model\.onnx$/);
    expect(run.split()).toMatchObject({ dataset: 'd', split: 'test', rows: 2 });
    expect(run.params({ beam: 1, length: 10 })).toEqual({ beam: 4, length: 10 });
  });

  test('names what a model does not have', async () => {
    const run = await open();
    expect(() => run.split('validation')).toThrow('This model has no validation split.');
    expect(() => run.params({ beem: 1 })).toThrow(/evaluation\.params\.beam: .*Did you mean "beem"\?/);
  });

  test('writes predictions row by row, and refuses a column of another length', async () => {
    const run = await open();
    await run.savePredictions({ score: Float32Array.of(0.5, -1), bleu: [1, 2] });
    const file = run.outputFile('predictions.parquet').replaceAll("'", "''");
    const rows = await withDatabase(async (db) =>
      (await db.runAndReadAll(`FROM read_parquet('${file}')`)).getRowsJson(),
    );
    expect(rows).toEqual([
      [0.5, 1],
      [-1, 2],
    ]);
    await expect(run.savePredictions({ score: [1] })).rejects.toThrow(
      '"score" has 1 values, and the test split has 2 rows.',
    );
  });

  test('writes metrics, with an interval or without', async () => {
    const run = await open();
    await run.saveMetrics({ bleu: { value: 31, low: 30, high: 32 }, other: null });
    expect(JSON.parse(readFileSync(run.outputFile('metrics.json'), 'utf8'))).toEqual({
      bleu: { value: 31, low: 30, high: 32 },
      other: null,
    });
  });

  test.each([
    [
      'by hand',
      {},
      'MLOPS_RUN is not set, so this script does not know what to evaluate. Start it with "nx evaluate',
    ],
    ['with a run that is gone', { MLOPS_RUN: '/nowhere/run.json' }, '/nowhere/run.json: cannot be read.'],
  ])('says what to do when started %s', async (_how, env, message) => {
    await expect(loadEvaluationRun(env)).rejects.toThrow(message);
  });

  test('repeats Math.random within the frame', async () => {
    const env = { MLOPS_RUN: runFile() };
    const drawn: number[] = [];
    const draw = async () => void drawn.push(Math.random());
    expect(await performFramed(loadEvaluationRun, draw, env)).toBeUndefined();
    await performFramed(loadEvaluationRun, draw, env);
    expect(drawn[1]).toBe(drawn[0]);
  });
});
