import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { withDuckDb, sqlString } from '../../data/duckdb';
import { readScriptOutput, type ScriptOutputRequest } from './script-output';

jest.setTimeout(30_000);

const signal = new AbortController().signal;

/** An output folder with these files; `predictions` is a query of DuckDB. */
async function outputOf(left: {
  readonly predictions?: string;
  readonly files?: Readonly<Record<string, string>>;
}): Promise<string> {
  const folder = join(dirSync({ unsafeCleanup: true }).name, "it's a folder");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(left.files ?? {})) writeFileSync(join(folder, name), text);
  if (left.predictions !== undefined) {
    const file = sqlString(join(folder, 'predictions.parquet'));
    await withDuckDb({}, async (connection) => {
      await connection.run(`COPY (${left.predictions}) TO ${file} (FORMAT parquet)`);
    });
  }
  return folder;
}

async function read(
  left: Parameters<typeof outputOf>[0],
  changes: Partial<ScriptOutputRequest> = {},
): ReturnType<typeof readScriptOutput> {
  return readScriptOutput({
    folder: await outputOf(left),
    configFile: 'ml/late/model.config.json',
    manifest: { task: 'regression' },
    rows: 3,
    customMetrics: [],
    signal,
    ...changes,
  });
}

const threeScores = 'SELECT unnest([0.5, 1.5, 2.5]) AS score';

describe('readScriptOutput', () => {
  it('takes scores in the order of the rows', async () => {
    const { scores } = await read({ predictions: threeScores });
    expect(scores).toEqual(Float64Array.of(0.5, 1.5, 2.5));
  });

  it('takes a column for each class, in the order of the classes', async () => {
    const { scores } = await read(
      { predictions: 'SELECT unnest([0.1, 0.2, 0.3]) AS score_b, unnest([0.9, 0.8, 0.7]) AS score_a' },
      { manifest: { task: 'multiclass-classification', classes: ['a', 'b'] } },
    );
    expect(scores).toEqual(Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.3));
  });

  it('takes metrics of a row from a column, and metrics as numbers with or without an interval', async () => {
    const output = await read(
      {
        predictions: 'SELECT unnest([1, 2, 3]) AS edits',
        files: { 'metrics.json': '{"bleu": {"value": 31, "low": 30, "high": 32}, "ter": null}' },
      },
      { manifest: { task: 'custom' }, customMetrics: ['bleu', 'ter', 'edits'] },
    );
    expect(output.scores).toBeUndefined();
    expect([...output.rowMetrics]).toEqual([['edits', Float64Array.of(1, 2, 3)]]);
    expect(output.metrics).toEqual({ bleu: 31, ter: null });
    expect(output.intervals).toEqual({ bleu: { low: 30, high: 32, method: 'script' } });
  });

  it.each([
    ['nothing', {}, {}, /left neither predictions\.parquet nor metrics\.json .* It left nothing there\./],
    ['another file', { files: { 'scores.csv': '' } }, {}, /It left scores\.csv\./],
    ['fewer rows', { predictions: 'SELECT 1 AS score' }, {}, /has 1 rows, and the test split has 3/],
    [
      'more rows',
      { predictions: 'SELECT unnest(range(4)) AS score' },
      {},
      /has more than 3 rows, and the test split has 3/,
    ],
    [
      'a missing value',
      { predictions: 'SELECT unnest([1, NULL, 3]) AS score' },
      {},
      /no finite value of "score" in row 1/,
    ],
    [
      'NaN',
      { predictions: "SELECT unnest([1, 2, 'NaN'::DOUBLE]) AS score" },
      {},
      /no finite value of "score" in row 2/,
    ],
    ['text', { predictions: "SELECT unnest(['a', 'b', 'c']) AS score" }, {}, /cannot be read as numbers/],
    [
      'other columns',
      { predictions: 'SELECT unnest([1, 2, 3]) AS s' },
      {},
      /none of the columns score\. It has: s/,
    ],
    [
      'one class of two',
      { predictions: 'SELECT unnest([1, 2, 3]) AS score_a' },
      { manifest: { task: 'multiclass-classification', classes: ['a', 'b'] } },
      /lacks the column score_b/,
    ],
    ['a torn Parquet file', { files: { 'predictions.parquet': 'PAR1' } }, {}, /cannot be read as Parquet/],
    ['torn JSON', { files: { 'metrics.json': '{"a": NaN}' } }, { customMetrics: ['a'] }, /is no JSON/],
    [
      'half an interval',
      { files: { 'metrics.json': '{"a": {"value": 1, "low": 0}}' } },
      { customMetrics: ['a'] },
      /give both "low" and "high" or neither/,
    ],
    [
      'a misspelt metric',
      { files: { 'metrics.json': '{"blue": 1}' } },
      { customMetrics: ['bleu'] },
      /has "blue", which evaluation\.customMetrics does not name\. Did you mean "bleu"\?/,
    ],
    [
      'a metric less',
      { files: { 'metrics.json': '{}' } },
      { customMetrics: ['bleu'] },
      /the script did not write "bleu"/,
    ],
    [
      'a metric twice',
      { predictions: 'SELECT unnest([1, 2, 3]) AS bleu', files: { 'metrics.json': '{"bleu": 1}' } },
      { customMetrics: ['bleu'] },
      /"bleu" stands both in metrics\.json and in predictions\.parquet/,
    ],
  ] as const)('refuses %s', async (_what, left, changes, message) => {
    await expect(read(left, changes as Partial<ScriptOutputRequest>)).rejects.toThrow(message);
    await expect(read(left, changes as Partial<ScriptOutputRequest>)).rejects.toThrow(
      /^ml\/late\/model\.config\.json: evaluation/,
    );
  });
});
