import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure } from './explain-failure';

export { sqlIdentifier, sqlString } from './sql-text';

export interface DuckDbOptions {
  /**
   * Threads that a query uses. One keeps float sums, the order of groups and the bytes of written files the same on
   * every machine; more are for reading only. @default 1
   */
  readonly threads?: number;
  /** What DuckDB's buffers may hold, such as "512MB"; beyond it queries spill to disk. @default "512MB" */
  readonly memoryLimit?: string;
  /** Where queries spill to; made when needed. @default a folder of its own in the system's, removed at the end */
  readonly tempDirectory?: string;
  /** An abort interrupts the query that runs and each one after it. */
  readonly signal?: AbortSignal;
}

/** With it, preparing three million rows stays well under 1 GB of resident memory, Node included. */
export const defaultMemoryLimit = '512MB';

/** An interrupt reaches only the query that runs; repeating it reaches the next one too. */
const INTERRUPT_EVERY_MS = 50;

/** An open in-memory DuckDB. */
export interface OpenDuckDb {
  readonly connection: DuckDBConnection;
  /** What a query threw, made fit for people: the signal's reason after an abort, a full disk by its name. */
  explain(error: unknown): unknown;
  /** To be called in a `finally`. */
  close(): Promise<void>;
}

/**
 * Runs `work` on an in-memory DuckDB and closes it, whatever happens. Extensions are neither downloaded nor loaded on
 * demand, and the time zone is UTC, so that the same query means the same everywhere.
 *
 * @throws the reason of the signal when it aborts; MlopsError MLOPS_DISK_FULL, MLOPS_OUT_OF_MEMORY; else what `work`
 *   throws
 */
export async function withDuckDb<T>(
  options: DuckDbOptions,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const duckDb = await openDuckDb(options);
  try {
    return await work(duckDb.connection);
  } catch (error) {
    throw duckDb.explain(error);
  } finally {
    await duckDb.close();
  }
}

/** As `withDuckDb`, for generators, which cannot hand their work over as a function. */
export async function openDuckDb(options: DuckDbOptions): Promise<OpenDuckDb> {
  const { threads = 1, memoryLimit = defaultMemoryLimit, signal } = options;
  signal?.throwIfAborted();
  const spillFolder = options.tempDirectory ?? ownSpillFolder();
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memoryLimit,
    temp_directory: spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const stopWatching = interruptOnAbort(connection, signal);
  return {
    connection,
    explain: (error) => (signal?.aborted === true ? signal.reason : explainFailure(error)),
    async close() {
      stopWatching();
      connection.closeSync();
      instance.closeSync();
      if (options.tempDirectory === undefined) await rm(spillFolder, { recursive: true, force: true });
    },
  };
}

function ownSpillFolder(): string {
  return join(tmpdir(), `nx-mlops-duckdb-${process.pid}-${randomBytes(4).toString('hex')}`);
}

function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const abort = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => {
    signal.removeEventListener('abort', abort);
    clearInterval(timer);
  };
}
