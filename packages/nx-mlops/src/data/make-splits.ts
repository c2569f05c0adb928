import { StatementType, type DuckDBConnection } from '@duckdb/node-api';
import {
  MlopsError,
  layout,
  messageOf,
  type Column,
  type DatasetConfig,
  type DatasetManifest,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { preparedColumns, storedColumn, type QueryColumn } from './column-types';
import { nameOfFile, type DatasetProject, type StageIo } from './dataset-project';
import { defaultMemoryLimit, sqlIdentifier, sqlString, withDuckDb } from './duckdb';
import { localSources } from './local-sources';
import { brief, openSource, type SourceTable } from './source-query';
import { assertFractions, hashColumn, planSplits, type PlannedSplit, type SplitPlan } from './split-plan';
import type { StatCache } from './stat-cache';
import type { Store } from './store';
import { unstableParts, withoutTextAndComments } from './unstable-sql';
import { withWorkFolder } from './work-folder';

export interface PrepareOptions {
  /** Threads of the prepare SQL. More than one is faster but may change the order of rows and the last bits of sums. */
  readonly threads?: number;
  /** Memory for DuckDB's buffers, such as "2GB"; beyond it queries spill to disk. */
  readonly memoryLimit?: string;
}

export interface MakeSplitsContext extends StageIo {
  readonly store: Store;
  readonly statCache: StatCache;
  readonly options?: PrepareOptions;
}

/** The whole prepared table, from which the splits are taken. Written once, so that the SQL runs once. */
interface PreparedTable {
  readonly file: string;
  readonly columns: readonly Column[];
  readonly plan: SplitPlan;
}

/**
 * Makes the splits of a dataset and puts them into the store: checks the lock, runs the prepare SQL, divides the rows,
 * writes one Parquet file a split (zstd, rows in the order of the query). Equal inputs give equal bytes.
 *
 * @throws MlopsError MLOPS_LOCK_MISSING, MLOPS_LOCK_MISMATCH, MLOPS_SOURCE_BROKEN, MLOPS_PREPARE_SQL, MLOPS_SPLIT_EMPTY,
 *   MLOPS_SPLIT_CONDITION, MLOPS_SPLIT_FRACTIONS, MLOPS_SPLIT_KEY, MLOPS_COLUMN_TYPE, MLOPS_COLUMN_NAME,
 *   MLOPS_DISK_FULL, MLOPS_OUT_OF_MEMORY; the reason of the signal
 */
export async function makeSplits(
  project: DatasetProject,
  config: DatasetConfig,
  context: MakeSplitsContext,
): Promise<DatasetManifest> {
  const { signal, options = {}, statCache } = context;
  const configFile = nameOfFile(project, layout.datasetConfig);
  assertFractions(config, configFile);
  const sql = await readPrepareSql(project, config);
  const sources = await localSources(project, config, { statCache, signal, print: context.print });
  return withWorkFolder(project.workspaceRoot, 'prepare', async (work) => {
    const duckDbOptions = {
      threads: options.threads ?? 1,
      memoryLimit: options.memoryLimit ?? defaultMemoryLimit,
      tempDirectory: join(work, 'spill'),
      signal,
    };
    const { splits, columns } = await withDuckDb(duckDbOptions, async (connection) => {
      await restrictFiles(connection, sources, work);
      const table = await prepareTable(connection, {
        project,
        config,
        sources,
        sql,
        work,
        print: context.print,
      });
      // The bytes of a file that several threads write differ from run to run.
      await connection.run('SET threads = 1');
      return { splits: await writeSplits(connection, table, work, configFile), columns: table.columns };
    });
    return addToStore(project, splits, columns, context);
  });
}

async function readPrepareSql(
  project: DatasetProject,
  config: DatasetConfig,
): Promise<{ text: string; file: string } | undefined> {
  const names = Object.keys(config.sources);
  if (config.prepare === undefined) {
    if (names.length === 1) return undefined;
    throw new MlopsError(
      'MLOPS_CONFIG_INVALID',
      `is missing: with several sources (${names.join(', ')}) a SQL file has to say how they become one table.`,
      { file: nameOfFile(project, layout.datasetConfig), path: 'prepare.sql' },
    );
  }
  const file = nameOfFile(project, config.prepare.sql);
  try {
    return { text: await readFile(join(project.folder, config.prepare.sql), 'utf8'), file };
  } catch (error) {
    throw new MlopsError(
      'MLOPS_PREPARE_SQL',
      `cannot be read. It is named by prepare.sql in ${nameOfFile(project, layout.datasetConfig)}: write it, or mend the path.`,
      { file },
      { cause: error },
    );
  }
}

/** The SQL may read what the lock pins and nothing else; else a result could change without its key. */
async function restrictFiles(
  connection: DuckDBConnection,
  sources: ReadonlyMap<string, SourceTable>,
  work: string,
): Promise<void> {
  const files = [...sources.values()].flatMap(({ files }) => files);
  await connection.run(`SET allowed_paths = [${files.map(sqlString).join(', ')}]`);
  await connection.run(`SET allowed_directories = [${sqlString(`${work}/`)}]`);
  await connection.run('SET enable_external_access = false');
}

interface PrepareTableInput {
  readonly project: DatasetProject;
  readonly config: DatasetConfig;
  readonly sources: ReadonlyMap<string, SourceTable>;
  readonly sql: { text: string; file: string } | undefined;
  readonly work: string;
  readonly print: StageIo['print'];
}

async function prepareTable(connection: DuckDBConnection, input: PrepareTableInput): Promise<PreparedTable> {
  const { project, config, sources, sql, work } = input;
  for (const [name, source] of sources) {
    const query = await sourceAsParquet(connection, source, join(work, `source-${name}.parquet`));
    await connection.run(`CREATE VIEW ${sqlIdentifier(name)} AS ${query}`);
  }
  const [onlySource] = sources.keys();
  const query = sql?.text ?? `SELECT * FROM ${sqlIdentifier(onlySource as string)}`;
  const location = sql?.file ?? nameOfFile(project, layout.datasetConfig);
  if (sql !== undefined) warnOfUnstable(sql, input.print);
  try {
    const raw = await describeQuery(connection, query, location);
    const columns = preparedColumns(raw, location);
    const stored = columns.map((column, index) => storedColumn(column, (raw[index] as QueryColumn).type));
    // A view, so that a final semicolon or comment of the file does no harm.
    await connection.run(`CREATE VIEW ${sqlIdentifier(PREPARED)} AS ${query}`);
    const plan = planSplits(
      config,
      columns.map(({ name }) => name),
      nameOfFile(project, layout.datasetConfig),
    );
    const hash = plan.hash === undefined ? '' : `, ${plan.hash} AS ${sqlIdentifier(hashColumn)}`;
    const file = join(work, 'prepared.parquet');
    await copyToParquet(
      connection,
      `SELECT *${hash} FROM (SELECT ${stored.join(', ')} FROM ${sqlIdentifier(PREPARED)})`,
      file,
      columns.length,
    );
    return { file, columns, plan };
  } catch (error) {
    throw explainSqlFailure(error, sources, location);
  }
}

/** Text is read once and kept as Parquet meanwhile, for DuckDB would look at all of it again for each query. */
function sourceAsParquet(connection: DuckDBConnection, source: SourceTable, file: string): Promise<string> {
  return openSource(connection, source, async (query) => {
    if (source.format === 'parquet') {
      await connection.run(`DESCRIBE ${query}`);
      return query;
    }
    await connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet)`);
    return `SELECT * FROM read_parquet(${sqlString(file)})`;
  });
}

/** No source can have this name, for names of sources hold no space. */
const PREPARED = 'prepared table';

function warnOfUnstable(sql: { text: string; file: string }, print: StageIo['print']): void {
  const parts = unstableParts(sql.text);
  if (parts.length === 0) return;
  print(
    `warning: ${sql.file} uses ${parts.join(', ')}, so each prepare may give other rows. Models would be retrained for it, and other machines could not make the same data.`,
  );
}

async function describeQuery(
  connection: DuckDBConnection,
  query: string,
  file: string,
): Promise<QueryColumn[]> {
  const statements = isBlank(query) ? undefined : await connection.extractStatements(query);
  if (statements?.count !== 1) {
    throw new MlopsError(
      'MLOPS_PREPARE_SQL',
      `holds ${statements?.count ?? 0} statements. It must be one SELECT; steps before it can be WITH parts of it.`,
      { file },
    );
  }
  const statement = await statements.prepare(0);
  try {
    if (statement.statementType !== StatementType.SELECT) {
      throw new MlopsError(
        'MLOPS_PREPARE_SQL',
        'is no SELECT. It must be one query whose rows are the prepared table.',
        { file },
      );
    }
    if (statement.parameterCount > 0) {
      throw new MlopsError('MLOPS_PREPARE_SQL', 'has parameters ($1 or ?), and nothing would fill them.', {
        file,
      });
    }
    return Array.from({ length: statement.columnCount }, (_, index) => ({
      name: statement.columnName(index),
      type: statement.columnType(index),
    }));
  } finally {
    statement.destroySync();
  }
}

/** DuckDB has no message for a text without a statement. */
function isBlank(sql: string): boolean {
  return withoutTextAndComments(sql).replaceAll(';', '').trim() === '' && !/['"]/.test(sql);
}

function explainSqlFailure(error: unknown, sources: ReadonlyMap<string, SourceTable>, file: string): unknown {
  if (error instanceof MlopsError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, '');
  if (/^(Out of Memory|INTERRUPT)/i.test(message) || /No space left/i.test(message)) return error;
  // Of a failure while it runs, the line is that of the query that we put around the user's.
  const line = /^(Parser|Binder|Catalog) Error/.test(message)
    ? /^\s*LINE (\d+):/m.exec(message)?.[1]
    : undefined;
  return new MlopsError(
    'MLOPS_PREPARE_SQL',
    `${line === undefined ? '' : `line ${line}: `}DuckDB says: ${brief(message)}.${hintFor(message, sources)}`.replace(
      /\.{2,}/g,
      '.',
    ),
    { file },
    { cause: error },
  );
}

function hintFor(message: string, sources: ReadonlyMap<string, SourceTable>): string {
  const names = [...sources.keys()].join(', ');
  if (/Permission Error|file system operations are disabled/i.test(message)) {
    return ` The SQL may read the sources alone (${names}): add the file to "sources" and use its name as a table, so that the lock pins it.`;
  }
  if (/Catalog Error: Table/i.test(message)) return ` The tables are the sources: ${names}.`;
  if (/out of range for the destination type INT64/i.test(message)) {
    return ' A prepared integer has 64 signed bits: make the column smaller, or a number or text, with CAST.';
  }
  if (/Conversion Error/i.test(message)) return ' TRY_CAST gives NULL for values that do not convert.';
  return '';
}

interface WrittenSplit {
  readonly name: string;
  readonly file: string;
  readonly rows: number;
}

async function writeSplits(
  connection: DuckDBConnection,
  { file: prepared, columns, plan }: PreparedTable,
  work: string,
  configFile: string,
): Promise<WrittenSplit[]> {
  const written: WrittenSplit[] = [];
  const names = columns.map(({ name }) => name);
  for (const [index, split] of plan.splits.entries()) {
    const file = join(work, `split-${index}.parquet`);
    const query = `SELECT ${names.map(sqlIdentifier).join(', ')} FROM read_parquet(${sqlString(prepared)}) WHERE ${split.where}`;
    const rows = await copyToParquet(connection, query, file, columns.length).catch((error: unknown) => {
      if (
        split.by === 'fraction' ||
        !/^(Parser|Binder|Catalog|Conversion|Invalid Input) Error/.test(messageOf(error))
      )
        throw error;
      throw new MlopsError(
        'MLOPS_SPLIT_CONDITION',
        `DuckDB says: ${brief(messageOf(error))}. The condition may use the prepared columns: ${names.join(', ')}.`,
        { file: configFile, path: `splits.${split.name}.where` },
        { cause: error },
      );
    });
    if (rows === 0) throw emptySplit(split, configFile);
    written.push({ name: split.name, file, rows });
  }
  return written;
}

function emptySplit(split: PlannedSplit, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_EMPTY',
    split.by === 'condition'
      ? 'no row of the prepared table fulfils its condition. Mend the condition, or take the split out.'
      : 'no row falls into it. The prepared table is empty or has too few rows (or different keys) for this fraction.',
    { file, path: `splits.${split.name}` },
  );
}

/**
 * Cells of a row group at most, so that a wide table needs no more memory than a narrow one. DuckDB's own row group of
 * 122,880 rows holds up to 64 columns.
 */
const CELLS_OF_ROW_GROUP = 64 * 122_880;
const VECTOR_ROWS = 2048;

/** Rows of a Parquet row group, a multiple of DuckDB's vector size. */
export function rowGroupRows(columns: number): number {
  const rows = Math.min(122_880, Math.floor(CELLS_OF_ROW_GROUP / columns));
  return Math.max(VECTOR_ROWS, rows - (rows % VECTOR_ROWS));
}

/** @returns the number of rows written */
async function copyToParquet(
  connection: DuckDBConnection,
  query: string,
  file: string,
  columns: number,
): Promise<number> {
  const result = await connection.run(
    `COPY (${query}\n) TO ${sqlString(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows(columns)})`,
  );
  return result.rowsChanged;
}

async function addToStore(
  project: DatasetProject,
  written: readonly WrittenSplit[],
  columns: readonly Column[],
  { store, signal }: MakeSplitsContext,
): Promise<DatasetManifest> {
  const splits: DatasetManifest['splits'] = {};
  for (const { name, file, rows } of written) {
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
