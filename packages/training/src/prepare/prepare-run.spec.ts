import type { PrepareRun } from '@nx-mlops/core';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { withDatabase } from '../data/database';
import { loadPrepareRun } from './load-prepare-run';
import { performFramed } from '../run/script-frame';

/** The file of a run whose folder holds a space and a quote. */
function runFile(changes: Partial<PrepareRun> = {}): { file: string; folder: string } {
  const folder = join(dirSync({ unsafeCleanup: true }).name, "it's a folder");
  mkdirSync(join(folder, 'output'), { recursive: true });
  writeFileSync(join(folder, 'a.csv'), 'id,n\n1,01\n');
  writeFileSync(join(folder, 'b.csv'), 'n,id,more\n02,2,x\n');
  const context: PrepareRun = {
    version: 1,
    dataset: 'flights',
    sources: { raw: { format: 'csv', files: [join(folder, 'a.csv'), join(folder, 'b.csv')] } },
    datasets: {},
    params: { smallest: 2 },
    seed: 7,
    threads: 1,
    outputDir: join(folder, 'output'),
    ...changes,
  };
  const file = join(folder, 'run.json');
  writeFileSync(file, JSON.stringify(context));
  return { file, folder };
}

const open = (changes?: Partial<PrepareRun>) => loadPrepareRun({ MLOPS_RUN: runFile(changes).file });

const rowsOf = (file: string) =>
  withDatabase(async (db) =>
    (await db.runAndReadAll(`FROM read_parquet('${file.replaceAll("'", "''")}')`)).getRowsJson(),
  );

describe('loadPrepareRun', () => {
  test('reads sources as tables and saves the prepared table, paths with quotes included', async () => {
    const run = await open();
    expect(run.files('raw')).toHaveLength(2);
    await run.withDatabase((db) => run.save(db, `SELECT id, more FROM ${run.table('raw')} -- all of it`));
    expect(await rowsOf(run.outputFile())).toEqual([
      ['1', null],
      ['2', 'x'],
    ]);
  });

  test('reads a split of another dataset by the name of the source, and saves a split of its own', async () => {
    const { outputDir, ...first } = (await open()).context;
    const run = await open();
    await run.withDatabase((db) => run.save(db, 'SELECT 5 AS a', 'other.parquet'));
    const chained = await open({
      ...first,
      datasets: {
        up: { dataset: 'd', split: 'train', path: run.outputFile('other.parquet'), rows: 1, columns: [] },
      },
    });
    expect(chained.split('up')).toMatchObject({ dataset: 'd', rows: 1 });
    await chained.withDatabase((db) => chained.save(db, `FROM ${chained.table('up')}`, 'train.parquet'));
    expect(await rowsOf(chained.outputFile('train.parquet'))).toEqual([[5]]);
    expect(outputDir).toBeTruthy();
  });

  test('gives params over defaults, and names a misspelt one', async () => {
    const run = await open();
    expect(run.params({ smallest: 1, other: 'x' })).toEqual({ smallest: 2, other: 'x' });
    expect(() => run.params({ smalest: 1 })).toThrow(
      'dataset.config.json: prepare.params.smallest: The script has no param "smallest". Did you mean "smalest"?',
    );
  });

  test('names the sources there are for one that is not', async () => {
    const run = await open();
    const message = /no such source "rav"\. Did you mean "raw"\?/;
    expect(() => run.files('rav')).toThrow(message);
    expect(() => run.table('rav')).toThrow(message);
    expect(() => run.split('raw')).toThrow(/no such source "raw"/);
  });

  test.each([
    [
      'by hand',
      {},
      'MLOPS_RUN is not set, so this script does not know what to prepare. Start it with "nx prepare',
    ],
    ['with a run that is gone', { MLOPS_RUN: '/nowhere/run.json' }, '/nowhere/run.json: cannot be read.'],
  ])('says what to do when started %s', async (_how, env, message) => {
    await expect(loadPrepareRun(env)).rejects.toThrow(message);
  });
});

describe('runPrepare', () => {
  test('makes Math.random repeat, and gives it back', async () => {
    const env = { MLOPS_RUN: runFile().file };
    const drawn: number[] = [];
    const draw = async () => void drawn.push(Math.random());
    expect(await performFramed(loadPrepareRun, draw, env)).toBeUndefined();
    await performFramed(loadPrepareRun, draw, env);
    expect(drawn[1]).toBe(drawn[0]);
    expect(Math.random()).not.toBe(drawn[0]);
  });

  test('tells what a person can mend in one paragraph, and a mistake with its stack', async () => {
    const env = { MLOPS_RUN: runFile().file };
    expect(await performFramed(loadPrepareRun, async (run) => void run.files('x'), env)).toMatch(
      /^dataset\.config\.json: [^\n]*$/,
    );
    const mistake = async () => {
      throw new Error('oops');
    };
    expect(await performFramed(loadPrepareRun, mistake, env)).toMatch(/^Error: oops\n {4}at /);
  });
});
