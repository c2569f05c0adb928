/** @jest-environment ./../runtime/jest-environment.cjs */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '@nx-mlops/core';
import { evaluateModel } from '../evaluate';
import { evaluationBench, type EvaluationBench } from '../evaluation-bench.fixture';
import { readPredictions } from '../read-predictions';

jest.setTimeout(60_000);

const columns: Column[] = [
  { name: 'first', type: 'number' },
  { name: 'second', type: 'number' },
  { name: 'part', type: 'string' },
  { name: 'who', type: 'string' },
  { name: 'target', type: 'number' },
];
/** Sixty rows; the target is the row's number, the part its remainder by two, three rows a person. */
const rows = `SELECT r::DOUBLE AS first, 0.0 AS second, CASE WHEN r % 2 = 0 THEN 'even' ELSE 'odd' END AS part,
  'p' || (r // 3) AS who, r::DOUBLE AS target FROM range(60) t(r)`;

/** A project whose evaluation is this script; `run` is the context, `sql(text)` runs DuckDB. */
async function scripted(
  kind: Parameters<typeof evaluationBench>[0],
  body: string,
  evaluation: object = {},
): Promise<EvaluationBench> {
  const bench = await evaluationBench(kind, rows, columns, { entry: 'evaluate.cjs', ...evaluation });
  writeFileSync(
    join(bench.folder, 'evaluate.cjs'),
    `const fs = require('node:fs');
const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
const run = JSON.parse(fs.readFileSync(process.env.MLOPS_RUN, 'utf8'));
const out = run.outputDir;
(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const sql = (text) => connection.run(text);
  ${body}
})();
`,
  );
  return bench;
}

const written = ({ folder }: EvaluationBench) => join(folder, '.mlops', 'evaluation');
const metrics = (value: object) => `fs.writeFileSync(out + '/metrics.json', '${JSON.stringify(value)}');`;
const predictions = (selection: string) =>
  `await sql(\`COPY (SELECT ${selection} FROM read_parquet('\${run.datasets.test.path}')) TO '\${out}/predictions.parquet' (FORMAT parquet)\`);`;

const wer = { customMetrics: { wer: { direction: 'lower' } } };

describe('an evaluation by a script', () => {
  it('measures scores like our own predictions, and a metric of each row as its mean, by slice too', async () => {
    const bench = await scripted('regression', predictions('target + 1 AS score, 2.0 AS wer'), {
      ...wer,
      slices: ['part'],
      metrics: ['mae', 'rmse'],
    });
    const evaluation = await evaluateModel(bench.request);
    expect(evaluation.metrics).toEqual({ mae: 1, rmse: 1, wer: 2 });
    expect(evaluation.directions).toEqual({ mae: 'lower', rmse: 'lower', wer: 'lower' });
    expect(evaluation.baseline.metrics).toHaveProperty('mae', 15);
    expect(
      evaluation.slices
        .filter(({ column }) => column === 'part')
        .map(({ value, metrics: of }) => [value, of]),
    ).toEqual([
      ['even', { mae: 1, rmse: 1, wer: 2 }],
      ['odd', { mae: 1, rmse: 1, wer: 2 }],
    ]);
    const kept = await readPredictions(written(bench), evaluation);
    expect(kept?.sample?.scores[59]).toBe(60);
    expect(kept?.rowMetrics.get('wer')).toHaveLength(60);
    expect(bench.printed.join('\n')).toMatch(/Running node evaluate\.cjs/);
    expect(readdirSync(join(bench.folder, '.mlops')).sort()).toEqual(['evaluation', 'model']);
  });

  it('takes metrics of rows alone, over groups where rows belong together, and keeps them to be compared', async () => {
    const bench = await scripted(
      'custom',
      predictions("CASE WHEN part = 'odd' THEN 1.0 ELSE 0.0 END AS wer"),
      {
        ...wer,
        slices: ['part'],
        groupBy: 'who',
      },
    );
    const evaluation = await evaluateModel(bench.request);
    expect(evaluation.metrics).toEqual({ wer: 0.5 });
    expect(evaluation.intervals['wer']).toMatchObject({ method: 'jackknife' });
    expect(evaluation.slices.map(({ value, metrics: of }) => [value, of])).toContainEqual([
      'odd',
      { wer: 1 },
    ]);
    const kept = await readPredictions(written(bench), evaluation);
    expect(kept?.sample).toBeUndefined();
    expect(kept?.groups).toHaveLength(60);
    expect(kept?.slices.get('part')?.values).toEqual(['even', 'odd']);
  });

  it('takes a number with its interval', async () => {
    const bench = await scripted('custom', metrics({ wer: { value: 0.2, low: 0.1, high: 0.3 } }), wer);
    const evaluation = await evaluateModel(bench.request);
    expect(evaluation).toMatchObject({
      metrics: { wer: 0.2 },
      intervals: { wer: { low: 0.1, high: 0.3, method: 'script' } },
    });
    expect(evaluation.predictions).toBeUndefined();
  });

  it('hands over model, splits, params and seed', async () => {
    const body = `${metrics({ wer: 0 })}
      const { modelFile, features, target, params, seed, customMetrics, datasets } = run;
      fs.writeFileSync('seen.json', JSON.stringify({ modelFile: fs.existsSync(modelFile), features, target, params, seed,
        customMetrics, roles: Object.keys(datasets), rows: datasets.test.rows }));`;
    const bench = await scripted('custom', body, { ...wer, params: { beam: 4 } });
    await evaluateModel(bench.request);
    const seen = JSON.parse(readFileSync(join(bench.folder, 'seen.json'), 'utf8'));
    expect(seen).toEqual({
      modelFile: true,
      features: [
        { name: 'first', type: 'number' },
        { name: 'second', type: 'number' },
      ],
      target: 'target',
      params: { beam: 4 },
      seed: 0,
      customMetrics: ['wer'],
      roles: ['test'],
      rows: 60,
    });
  });

  it.each([
    ['fails', 'throw new Error("no beam")', {}, /ended with exit code 1[\s\S]*no beam/],
    ['writes nothing', '', {}, /left neither predictions\.parquet nor metrics\.json/],
    [
      'writes no scores for metrics of ours',
      metrics({ wer: 1 }),
      { metrics: ['mae'] },
      /wrote no scores, so mae cannot be measured/,
    ],
    [
      'leaves rows out',
      "await sql(`COPY (SELECT 1.0 AS wer) TO '${out}/predictions.parquet' (FORMAT parquet)`);",
      {},
      /has 1 rows, and the test split has 60/,
    ],
  ])('that %s is refused, and the former result stays', async (_what, body, evaluation, message) => {
    const bench = await scripted('regression', metrics({ wer: 1 }), wer);
    await evaluateModel(bench.request);
    const config = {
      ...bench.request.config,
      evaluation: { ...bench.request.config.evaluation, ...evaluation },
    };
    const script = join(bench.folder, 'evaluate.cjs');
    const frame = readFileSync(script, 'utf8').split('  fs.writeFileSync(out')[0] as string;
    writeFileSync(script, `${frame}\n${body}\n})();\n`);
    await expect(evaluateModel({ ...bench.request, config })).rejects.toThrow(message);
    expect(existsSync(join(written(bench), 'evaluation.json'))).toBe(true);
    expect(readdirSync(join(bench.folder, '.mlops')).sort()).toEqual(['evaluation', 'model']);
  });

  it('is stopped by an abort, with nothing left over', async () => {
    const bench = await scripted(
      'custom',
      'await new Promise((resolve) => setTimeout(resolve, 60_000));',
      wer,
    );
    const evaluating = evaluateModel({ ...bench.request, grace: 100 });
    setTimeout(() => bench.abort.abort(new Error('stopped')), 500);
    await expect(evaluating).rejects.toThrow('stopped');
    expect(readdirSync(join(bench.folder, '.mlops'))).toEqual(['model']);
  });
});
