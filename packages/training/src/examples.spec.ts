import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { dirSync } from 'tmp';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sha256OfBytes, type RunContext } from '@nx-mlops/core';
import { writeRun, type Fixture, type Row } from '../test/run-fixture';
import { seededRandom } from './random/random';

jest.setTimeout(120_000);

const examples = join(__dirname, '..', 'examples');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs an example as the `train` task does: a process of its own, with MLOPS_RUN. */
function start(example: string, directory: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(examples, `${example}.ts`)], {
    cwd: examples,
    env: {
      ...process.env,
      MLOPS_RUN: join(directory, 'run.json'),
      TSX_TSCONFIG_PATH: join(examples, 'tsconfig.json'),
    },
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output })));
  return { child, ended };
}

const random = seededRandom('examples.spec');
const rows = Array.from({ length: 600 }, (): Row => {
  const place = ['north', 'south', 'east', null][Math.floor(random() * 4)] as string | null;
  const size = random() < 0.1 ? null : 100 * random();
  const sum = (size ?? 50) + (place === 'north' ? 40 : 0) + 10 * random();
  return {
    size,
    place,
    label: sum > 75,
    level: ['low', 'mid', 'high'][Math.min(2, Math.floor(sum / 40))] as string,
    sum,
  };
});
const columns: Fixture['columns'] = [
  { name: 'size', type: 'number' },
  { name: 'place', type: 'string' },
  { name: 'label', type: 'boolean' },
  { name: 'level', type: 'string' },
  { name: 'sum', type: 'number' },
];

async function runOf(fixture: Pick<Fixture, 'task' | 'target' | 'classes' | 'params' | 'validation'>) {
  const directory = dirSync({ unsafeCleanup: true }).name;
  const context = await writeRun(directory, {
    columns,
    features: ['size', 'place'],
    rows: rows.slice(0, 500),
    validation: rows.slice(500),
    ...fixture,
    params: { epochs: 25, batchSize: 32, learningRate: 0.01, hiddenUnits: 8, ...fixture.params },
  });
  return { directory, context };
}

/** Scores of the validation rows, a list a row. */
async function scoresOf(context: RunContext): Promise<number[][]> {
  const session = await InferenceSession.create(join(context.outputDir, 'model.onnx'));
  const held = rows.slice(500);
  const { scores } = await session.run({
    size: new Tensor(
      'float32',
      Float32Array.from(held, ({ size }) => (size ?? NaN) as number),
      [100, 1],
    ),
    place: new Tensor(
      'string',
      held.map(({ place }) => (place ?? '') as string),
      [100, 1],
    ),
  });
  const values = [...(scores?.data as Float32Array)];
  const width = values.length / 100;
  return held.map((_, row) => values.slice(row * width, (row + 1) * width));
}

const share = (hits: boolean[]) => hits.filter(Boolean).length / hits.length;

describe('the example training scripts', () => {
  test('binary: learns, and gives the same bytes in another process', async () => {
    const fixture = { target: 'label', classes: [false, true] };
    const digests = [];
    for (let i = 0; i < 2; i++) {
      const { directory, context } = await runOf(fixture);
      expect(await start('binary', directory).ended).toEqual({
        code: 0,
        output: '500 rows, 6 columns once encoded.\n',
      });
      expect(readdirSync(context.outputDir).sort()).toEqual(['metrics.jsonl', 'model.onnx']);
      digests.push(sha256OfBytes(readFileSync(join(context.outputDir, 'model.onnx'))));
      const scores = await scoresOf(context);
      const right = scores.map(([score = 0], row) => score >= 0.5 === rows[500 + row]?.['label']);
      expect(share(right)).toBeGreaterThan(0.85);
    }
    expect(digests[1]).toBe(digests[0]);
  });

  test('multiclass: learns', async () => {
    const classes = ['high', 'low', 'mid'];
    const { directory, context } = await runOf({
      task: 'multiclass-classification',
      target: 'level',
      classes,
    });
    expect((await start('multiclass', directory).ended).code).toBe(0);
    const scores = await scoresOf(context);
    const right = scores.map((row, i) => classes[row.indexOf(Math.max(...row))] === rows[500 + i]?.['level']);
    expect(share(right)).toBeGreaterThan(0.75);
    for (const row of scores) expect(row.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
  });

  test('regression: learns, in units of the target', async () => {
    const { directory, context } = await runOf({ task: 'regression', target: 'sum' });
    expect((await start('regression', directory).ended).code).toBe(0);
    const scores = await scoresOf(context);
    const errors = scores.map(([score = 0], i) => Math.abs(score - (rows[500 + i]?.['sum'] as number)));
    // Of a target with a standard deviation of about 33.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(10);
  });

  test('keep a checkpoint and no model when interrupted', async () => {
    const { directory, context } = await runOf({
      target: 'label',
      classes: [false, true],
      // Without validation rows, nothing ends it early.
      validation: undefined,
      params: { epochs: 1_000_000 },
    });
    const { child, ended } = start('binary', directory);
    while (!existsSync(join(context.outputDir, 'metrics.jsonl'))) await setTimeout(50);
    child.kill('SIGINT');
    const { code, output } = await ended;
    expect(code).toBe(130);
    expect(output).toMatch(/^Training was stopped in epoch \d+ of 1000000\. A checkpoint is saved; .*\n$/m);
    expect(readdirSync(context.checkpointDir)).toEqual(['checkpoint.bin']);
    expect(existsSync(join(context.outputDir, 'model.onnx'))).toBe(false);
  });

  test('tell a misspelt param in one line', async () => {
    const { directory } = await runOf({ target: 'label', params: { learningrate: 1 } });
    expect(await start('binary', directory).ended).toEqual({
      code: 1,
      output:
        'model.config.json: training.params.learningrate: The script has no param "learningrate". Did you mean "learningRate"?\n',
    });
  });
});
