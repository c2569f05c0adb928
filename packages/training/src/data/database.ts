import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { MlopsError, messageOf, type RunSplit } from '@nx-mlops/core';

/**
 * Runs `work` on an in-memory DuckDB of one thread: with more, sums would be added in another order each time and
 * their last digits would differ from run to run.
 */
export async function withDatabase<Result>(
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A column's name as SQL takes it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The split's file as a SQL table; the path is literal, never a pattern. */
export function tableOf(split: RunSplit): string {
  const literal = split.path.replace(/[[*?]/g, '[$&]').replaceAll("'", "''");
  return `read_parquet('${literal}')`;
}

/**
 * Hands the rows of a query to `visit`, a chunk of about 2000 at a time, in the order of the file.
 *
 * @throws MlopsError MLOPS_TRAINING_UNREADABLE_SPLIT when DuckDB cannot read the file
 */
export async function scan(
  connection: DuckDBConnection,
  split: RunSplit,
  sql: string,
  visit: (chunk: DuckDBDataChunk) => void,
  values: DuckDBValue[] = [],
): Promise<void> {
  const result = await reading(split, () => connection.stream(sql, values));
  for (;;) {
    const chunk = await reading(split, () => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    visit(chunk);
  }
}

/** The rows of a small result, as values. */
export async function query(
  connection: DuckDBConnection,
  split: RunSplit,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBValue[][]> {
  return (await reading(split, () => connection.runAndReadAll(sql, values))).getRows();
}

async function reading<Result>(split: RunSplit, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw new MlopsError(
      'MLOPS_TRAINING_UNREADABLE_SPLIT',
      `The split "${split.dataset}:${split.split}" cannot be read: ${messageOf(error)} Prepare the dataset again with "nx run ${split.dataset}:prepare --skip-nx-cache".`,
      { file: split.path },
      { cause: error },
    );
  }
}
