import type { DuckDBConnection } from '@duckdb/node-api';
import { layout, prepareScriptOf, type DatasetConfig, type DatasetManifest } from '@nx-mlops/core';
import { join } from 'node:path';
import { brokenParquet } from '../sources/broken-source';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { defaultMemoryLimit, sqlIdentifier, withDuckDb } from '../duckdb';
import { prepareInputs, tablesOf, type OpenSplit } from './prepare-inputs';
import { runPrepareScript } from './prepare-script';
import { explainSqlFailure, readPrepareSql, type PrepareSql } from './prepare-sql';
import { writePreparedTable, type PreparedTable } from './prepared-table';
import { restrictFiles } from './restrict-files';
import {
  explainBroken,
  preparedByScript,
  splitsByScript,
  takesSplitsByRule,
  type ScriptOutput,
} from './script-output';
import { sourceAsParquet } from '../sources/source-as-parquet';
import type { SourceTable } from '../sources/source-query';
import { assertFractions } from './split-plan';
import type { Store } from '../store';
import { storedTable } from './stored-table';
import { withWorkFolder } from '../work-folder';
import { writeSplits, type WrittenSplit } from './write-splits';

export interface PrepareOptions {
  /** Threads of the prepare SQL. More than one is faster but may change the order of rows and the last bits of sums. */
  readonly threads?: number;
  /** Memory for DuckDB's buffers, such as "2GB"; beyond it queries spill to disk. */
  readonly memoryLimit?: string;
}

/** What preparing needs besides the project's own files. */
export interface PrepareMeans {
  /** Opens a split of another dataset; needed where a source is one. */
  readonly openSplit?: OpenSplit;
  /** Environment of our own process, which a prepare script inherits. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

export interface MakeSplitsContext extends StageIo, PrepareMeans {
  readonly store: Store;
  readonly options?: PrepareOptions;
  /** Milliseconds between SIGTERM and SIGKILL when a script is stopped. @default 10 000 */
  readonly grace?: number;
}

/**
 * Makes the splits of a dataset and puts them into the store: checks the lock, runs the prepare SQL or script, divides
 * the rows, writes one Parquet file a split (zstd, rows in the order of the query). Equal inputs give equal bytes.
 *
 * @throws MlopsError MLOPS_LOCK_MISSING, MLOPS_LOCK_MISMATCH, MLOPS_SOURCE_BROKEN, MLOPS_PREPARE_SQL, MLOPS_SPLIT_EMPTY,
 *   MLOPS_SPLIT_CONDITION, MLOPS_SPLIT_FRACTIONS, MLOPS_SPLIT_KEY, MLOPS_COLUMN_TYPE, MLOPS_COLUMN_NAME,
 *   MLOPS_DISK_FULL, MLOPS_OUT_OF_MEMORY; of a script what `runPrepareScript` throws, MLOPS_PREPARE_NO_OUTPUT,
 *   MLOPS_PREPARE_OUTPUT_BROKEN; the reason of the signal
 */
export async function makeSplits(
  project: DatasetProject,
  config: DatasetConfig,
  context: MakeSplitsContext,
): Promise<DatasetManifest> {
  const { signal, print, options = {}, env = process.env, grace } = context;
  const configFile = nameOfFile(project, layout.datasetConfig);
  assertFractions(config, configFile);
  const script = prepareScriptOf(config.prepare);
  const sql = script === undefined ? await readPrepareSql(project, config, print) : undefined;
  const inputs = await prepareInputs(project, config, { ...context, forScript: script !== undefined });
  return withWorkFolder(project.workspaceRoot, 'prepare', async (work) => {
    const duckDbOptions = {
      threads: options.threads ?? 1,
      memoryLimit: options.memoryLimit ?? defaultMemoryLimit,
      tempDirectory: join(work, 'spill'),
      signal,
    };
    const place: Place = { config, configFile, work };
    let written: WrittenSplit[];
    if (script === undefined) {
      const tables = tablesOf(config, inputs);
      written = await withDuckDb(duckDbOptions, (connection) =>
        splitsBySql(connection, tables, sql as PrepareSql, place),
      );
    } else {
      const run = { project, config, script, inputs, folder: work, env, print, signal, grace };
      const output = { folder: await runPrepareScript(run), config, configFile };
      written = await withDuckDb(duckDbOptions, (connection) => splitsOfScript(connection, output, place));
    }
    return addToStore(project, config, written, context);
  });
}

interface Place {
  readonly config: DatasetConfig;
  readonly configFile: string;
  /** Absolute: the work folder. */
  readonly work: string;
}

async function splitsBySql(
  connection: DuckDBConnection,
  tables: ReadonlyMap<string, SourceTable>,
  sql: PrepareSql,
  { config, configFile, work }: Place,
): Promise<WrittenSplit[]> {
  for (const [name, table] of tables) {
    const query = await sourceAsParquet(connection, table, work, name);
    await connection.run(`CREATE VIEW ${sqlIdentifier(name)} AS ${query}`);
  }
  // Sources of other formats were read by now.
  const parquet = [...tables.values()].filter(({ format }) => format === 'parquet');
  await restrictFiles(connection, { files: parquet.flatMap(({ files }) => files), folder: work });
  const prepared = await runPrepareSql(connection, sql, { config, configFile, folder: work }).catch(
    async (error: unknown) => {
      const source = await brokenParquet(connection, tables.values(), error);
      throw source ?? explainSqlFailure(error, [...tables.keys()], sql.file);
    },
  );
  await useOneThread(connection);
  return writeSplits(connection, prepared, work, configFile);
}

async function runPrepareSql(
  connection: DuckDBConnection,
  { text, file }: PrepareSql,
  place: Parameters<typeof writePreparedTable>[2],
): Promise<PreparedTable> {
  const table = await storedTable(connection, text, { view: PREPARED, file });
  return writePreparedTable(connection, table, place);
}

/** No source can have this name, for names of sources hold no space. */
const PREPARED = 'prepared table';

async function splitsOfScript(
  connection: DuckDBConnection,
  output: ScriptOutput,
  { config, configFile, work }: Place,
): Promise<WrittenSplit[]> {
  await restrictFiles(connection, { files: [], folder: work });
  await useOneThread(connection);
  const written: WrittenSplit[] = [];
  if (takesSplitsByRule(config)) {
    const table = await preparedByScript(connection, output);
    const prepared = await writePreparedTable(connection, table, { config, configFile, folder: work }).catch(
      (error: unknown) => {
        throw explainBroken(error, output, layout.preparedFile, 'splits');
      },
    );
    written.push(...(await writeSplits(connection, prepared, work, configFile)));
  }
  written.push(...(await splitsByScript(connection, output, work)));
  return written;
}

/** The bytes of a file that several threads write differ from run to run. */
async function useOneThread(connection: DuckDBConnection): Promise<void> {
  await connection.run('SET threads = 1');
}

async function addToStore(
  project: DatasetProject,
  config: DatasetConfig,
  written: readonly WrittenSplit[],
  { store, signal }: MakeSplitsContext,
): Promise<DatasetManifest> {
  const splits: DatasetManifest['splits'] = {};
  const order = Object.keys(config.splits);
  const inOrder = [...written].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  for (const { name, file, rows, columns } of inOrder) {
    splits[name] = {
      version: 1,
      dataset: project.name,
      split: name,
      file: await store.addFile(file, { move: true, signal }),
      rows,
      columns: [...columns],
    };
  }
  return { version: 1, dataset: project.name, splits };
}
