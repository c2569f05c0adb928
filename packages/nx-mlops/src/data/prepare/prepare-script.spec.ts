import { layout, prepareRunSchema, type DatasetConfig } from '@nx-mlops/core';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../training/abandoned-folders';
import { openStore } from '../store';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

jest.setTimeout(30_000);

const halves = { train: { where: 'id <= 5' }, test: { where: 'id > 5' } };

/** A script with `run` (the context), and `sql(text)`, which runs a query of DuckDB. */
function script(body: string): string {
  return `
const fs = require('node:fs');
const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
const run = JSON.parse(fs.readFileSync(process.env.MLOPS_RUN, 'utf8'));
const out = run.outputDir;
(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const sql = (text) => connection.run(text);
  ${body}
})();
`;
}

const copyAll = "await sql(`COPY (FROM '${run.sources.raw.files[0]}') TO '${out}/prepared.parquet'`);";

function scripted(
  body: string,
  changes: { splits?: Record<string, object>; prepare?: object } = {},
): TemporaryDataset {
  return temporaryDataset(
    {
      sources: { raw: { path: 'x.csv' } },
      prepare: { entry: 'prepare.cjs', ...changes.prepare },
      splits: (changes.splits ?? halves) as DatasetConfig['splits'],
    },
    { 'x.csv': csvRows(1, 10), 'prepare.cjs': script(body) },
  );
}

async function fileOf({ project }: TemporaryDataset, sha256 = ''): Promise<string> {
  return (await openStore(project.workspaceRoot)).store.pathOf(sha256);
}

describe('a dataset that a script prepares', () => {
  it('takes its splits from the table that the script leaves', async () => {
    const dataset = scripted(copyAll);
    await dataset.lock();
    const { splits } = await dataset.prepare();
    expect(splits['train']).toMatchObject({
      rows: 5,
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'name', type: 'string' },
        { name: 'amount', type: 'number' },
      ],
    });
    const rows = await parquetRows(await fileOf(dataset, splits['test']?.file.sha256), 'id::INTEGER');
    expect(rows).toEqual([[6], [7], [8], [9], [10]]);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/tmp'))).toEqual([]);
  });

  it('gets the files of a source of the format "files" themselves, checked against the lock', async () => {
    const dataset = temporaryDataset(
      {
        sources: { photos: { path: 'photos', format: 'files' } },
        prepare: { entry: 'prepare.cjs' },
        splits: { all: { fraction: 1 } },
      },
      {
        'photos/a.png': 'AAA',
        'photos/b.png': 'BB',
        'prepare.cjs': script(`
  const rows = run.sources.photos.files.map((file) => "('" + fs.readFileSync(file, 'utf8') + "')");
  await sql(\`COPY (FROM (VALUES \${rows.join(', ')}) t(pixels)) TO '\${out}/prepared.parquet' (FORMAT parquet)\`);`),
      },
    );
    await dataset.lock();
    const { splits } = await dataset.prepare();
    expect(await parquetRows(await fileOf(dataset, splits['all']?.file.sha256), 'pixels')).toEqual([
      ['AAA'],
      ['BB'],
    ]);
    dataset.write('photos/b.png', 'CC');
    await expect(dataset.prepare()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISMATCH' });
  });

  it('takes splits that the script leaves as files, beside those by rule', async () => {
    const dataset = scripted(
      `${copyAll}
       fs.mkdirSync(out + '/deep');
       await sql(\`COPY (SELECT 1::TINYINT AS a, 'NaN'::FLOAT AS b) TO '\${out}/deep/extra.parquet'\`);`,
      { splits: { extra: { file: 'deep/extra.parquet' }, all: { fraction: 1 } } },
    );
    await dataset.lock();
    const { splits } = await dataset.prepare();
    expect(Object.keys(splits)).toEqual(['extra', 'all']);
    expect(splits['all']?.rows).toBe(10);
    const file = await fileOf(dataset, splits['extra']?.file.sha256);
    expect(await parquetRows(file, 'typeof(a), typeof(b), b')).toEqual([['BIGINT', 'DOUBLE', null]]);
  });

  it('stores the same bytes for the same rows, however the script wrote them', async () => {
    const digests = new Set<string>();
    for (const options of ['COMPRESSION snappy', 'COMPRESSION zstd, ROW_GROUP_SIZE 2048']) {
      const dataset = scripted(
        `await sql(\`COPY (SELECT range AS id, md5(range::VARCHAR) AS text FROM range(20000)) TO '\${out}/all.parquet' (FORMAT parquet, ${options})\`);`,
        { splits: { all: { file: 'all.parquet' } } },
      );
      await dataset.lock();
      digests.add(JSON.stringify((await dataset.prepare()).splits));
    }
    expect(digests.size).toBe(1);
  });

  it('tells the script its sources, params, seed and output folder, and runs it in the folder of the project', async () => {
    const dataset = scripted(`console.log(JSON.stringify({ cwd: process.cwd(), run })); ${copyAll}`, {
      prepare: { params: { depth: [1, 2] }, seed: 11 },
    });
    await dataset.lock();
    await dataset.prepare();
    const line = dataset.printed.find((text) => text.startsWith('{')) ?? '';
    const { cwd, run } = JSON.parse(line) as { cwd: string; run: unknown };
    expect(cwd).toBe(dataset.project.folder);
    expect(prepareRunSchema.parse(run)).toEqual({
      version: 1,
      dataset: '@acme/flights',
      sources: { raw: { format: 'csv', files: [join(dataset.project.folder, 'x.csv')] } },
      datasets: {},
      params: { depth: [1, 2] },
      seed: 11,
      threads: 1,
      outputDir: expect.stringContaining('/output'),
    });
  });

  it('runs a command', async () => {
    const dataset = scripted(copyAll, { prepare: { entry: undefined, command: ['node', 'prepare.cjs'] } });
    await dataset.lock();
    expect((await dataset.prepare()).splits['train']?.rows).toBe(5);
  });

  it.each<[string, string, Parameters<typeof scripted>[1], string, RegExp]>([
    [
      'a script that fails, with its last lines',
      "console.log('almost'); console.error('no such thing'); process.exitCode = 3;",
      {},
      'MLOPS_PREPARE_FAILED',
      /"@acme\/flights" \(node prepare\.cjs\) ended with exit code 3\. Its last lines:\n {2}\| almost\n {2}\| no such thing/,
    ],
    [
      'a script that is killed',
      "process.kill(process.pid, 'SIGKILL');",
      {},
      'MLOPS_PREPARE_FAILED',
      /was killed by SIGKILL, often because memory ran out/,
    ],
    [
      'a script that takes too long',
      'setInterval(() => {}, 1000);',
      { prepare: { timeoutMinutes: 0.005 } },
      'MLOPS_PREPARE_FAILED',
      /was stopped after 0\.005 minutes, as prepare\.timeoutMinutes says\. It printed nothing\.$/,
    ],
    [
      'a script that leaves nothing',
      '',
      {},
      'MLOPS_PREPARE_NO_OUTPUT',
      /dataset\.config\.json: splits: the script ended well but left no prepared\.parquet .* It left nothing there/,
    ],
    [
      'a script that leaves another file',
      "fs.writeFileSync(out + '/prepared.csv', 'a');",
      {},
      'MLOPS_PREPARE_NO_OUTPUT',
      /It left prepared\.csv\./,
    ],
    [
      'a split file that is not there',
      copyAll,
      { splits: { ...halves, extra: { file: 'extra.parquet' } } },
      'MLOPS_PREPARE_NO_OUTPUT',
      /splits\.extra\.file: the script ended well but left no extra\.parquet/,
    ],
    [
      'garbage',
      "fs.writeFileSync(out + '/prepared.parquet', 'no Parquet at all, just text');",
      {},
      'MLOPS_PREPARE_OUTPUT_BROKEN',
      /left prepared\.parquet, which cannot be read as Parquet/,
    ],
    [
      'an empty file',
      "fs.writeFileSync(out + '/prepared.parquet', '');",
      {},
      'MLOPS_PREPARE_OUTPUT_BROKEN',
      /cannot be read as Parquet/,
    ],
    [
      'a truncated file',
      `await sql(\`COPY (SELECT range AS id FROM range(100000)) TO '\${out}/t'(FORMAT parquet)\`);
       fs.writeFileSync(out + '/prepared.parquet', fs.readFileSync(out + '/t').subarray(0, 5000));`,
      {},
      'MLOPS_PREPARE_OUTPUT_BROKEN',
      /cannot be read as Parquet/,
    ],
    [
      'a file whose middle is damaged',
      `await sql(\`COPY (SELECT hash(range) AS id FROM range(100000)) TO '\${out}/prepared.parquet' (FORMAT parquet)\`);
       const bytes = fs.readFileSync(out + '/prepared.parquet'); bytes.fill(255, 4, 3000);
       fs.writeFileSync(out + '/prepared.parquet', bytes);`,
      {},
      'MLOPS_PREPARE_OUTPUT_BROKEN',
      /cannot be read as Parquet/,
    ],
    [
      'a nested column',
      "await sql(`COPY (SELECT [1] AS list) TO '${out}/prepared.parquet'`);",
      {},
      'MLOPS_COLUMN_TYPE',
      /prepared\.parquet: column "list"/,
    ],
    [
      'a split file without rows',
      "await sql(`COPY (SELECT 1 AS a WHERE false) TO '${out}/e.parquet'`);",
      { splits: { e: { file: 'e.parquet' } } },
      'MLOPS_SPLIT_EMPTY',
      /splits\.e: the script left e\.parquet without a row/,
    ],
    [
      'a split rule on a column that the script did not leave',
      copyAll,
      { splits: { a: { where: 'amout > 1' } } },
      'MLOPS_SPLIT_CONDITION',
      /Did you mean "amount"/,
    ],
    [
      'an entry that is not there',
      '',
      { prepare: { entry: 'prepar.ts' } },
      'MLOPS_ENTRY_MISSING',
      /dataset\.config\.json: prepare\.entry: "prepar\.ts" is not in ml\/late flights/,
    ],
    [
      'an entry of an unknown kind',
      '',
      { prepare: { entry: 'x.csv' } },
      'MLOPS_ENTRY_UNKNOWN',
      /prepare\.entry/,
    ],
    [
      'a program that is not there',
      '',
      { prepare: { entry: undefined, command: ['no-such-program'] } },
      'MLOPS_PREPARE_FAILED',
      /no such program on PATH\. Install it, or correct prepare\.command/,
    ],
  ])('names %s, and keeps the former result', async (_, body, changes, code, words) => {
    const dataset = scripted(body, changes);
    dataset.write(`${layout.prepared}/former.json`, 'former');
    await dataset.lock();
    await expect(dataset.prepare()).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
    expect(readdirSync(join(dataset.project.folder, layout.prepared))).toEqual(['former.json']);
    expect(existsSync(join(dataset.project.workspaceRoot, layout.store))).toBe(false);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/tmp'))).toEqual([]);
  });

  it('stops with the whole process tree on an abort, and keeps the former result', async () => {
    const dataset = scripted(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
       fs.writeFileSync('pids', process.pid + ' ' + child.pid);
       setInterval(() => {}, 1000);`,
    );
    dataset.write(`${layout.prepared}/former.json`, 'former');
    await dataset.lock();
    const abort = new AbortController();
    const reason = new Error('stopped by a test');
    const prepared = dataset.prepare(abort.signal).catch((error: unknown) => error);
    const pidFile = join(dataset.project.folder, 'pids');
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await sleep(20);
    const pids = readFileSync(pidFile, 'utf8').split(' ').map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    abort.abort(reason);
    expect(await prepared).toBe(reason);
    for (let attempt = 0; attempt < 100 && pids.some(isAlive); attempt += 1) await sleep(20);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(readdirSync(join(dataset.project.folder, layout.prepared))).toEqual(['former.json']);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/tmp'))).toEqual([]);
  });
});
