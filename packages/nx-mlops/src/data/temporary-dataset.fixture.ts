import { datasetConfigSchema, type DatasetConfig, type DatasetLock } from '@nx-mlops/core';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import type { z } from 'zod';
import type { DatasetProject } from './dataset-project';
import { sqlString, withDuckDb } from './duckdb';
import { readLock } from './lock/dataset-lock';
import { lockDataset } from './lock/lock-dataset';
import type { LockResult } from './lock/lock-result';
import type { PrepareMeans, PrepareOptions } from './prepare/make-splits';
import { prepareDataset } from './prepare/prepare-dataset';

tmp.setGracefulCleanup();

/** A dataset project. */
export interface TemporaryDataset {
  readonly project: DatasetProject;
  readonly config: DatasetConfig;
  /** What the stages printed. */
  readonly printed: string[];
  readonly io: { print: (line: string) => void };
  /** Writes a file of the project. */
  write(path: string, content: string | Uint8Array): void;
  lock(): Promise<LockResult & { readonly lock: DatasetLock | undefined }>;
  prepare(
    signal?: AbortSignal,
    means?: PrepareMeans,
    options?: PrepareOptions,
  ): ReturnType<typeof prepareDataset>;
}

/** A dataset project, in a workspace of its own unless one is given; both paths hold a space. */
export function temporaryDataset(
  config: z.input<typeof datasetConfigSchema>,
  files: Readonly<Record<string, string>> = {},
  {
    workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace'),
    name = '@acme/flights',
    root = 'ml/late flights',
  }: { workspaceRoot?: string; name?: string; root?: string } = {},
): TemporaryDataset {
  const project = { workspaceRoot, name, root, folder: join(workspaceRoot, root) };
  const parsed = datasetConfigSchema.parse(config);
  const printed: string[] = [];
  const io = { print: (line: string) => void printed.push(line) };
  const write = (path: string, content: string | Uint8Array) => {
    const file = join(project.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  mkdirSync(project.folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    project,
    config: parsed,
    printed,
    io,
    write,
    lock: async () => ({ ...(await lockDataset(project, parsed, io)), lock: await readLock(project) }),
    prepare: (signal, means, options) =>
      prepareDataset(project, parsed, { ...io, ...means, signal }, options),
  };
}

/** `id,name,amount` with rows 1 … n, such as `7,n7,3.5`. */
export function csvRows(from: number, to: number): string {
  const lines = Array.from({ length: to - from + 1 }, (_, index) => {
    const id = from + index;
    return `${id},n${id},${id / 2}`;
  });
  return `id,name,amount\n${lines.join('\n')}\n`;
}

/** Rows of a Parquet file, as DuckDB gives them to JSON. */
export function parquetRows(file: string, columns = '*'): Promise<unknown[][]> {
  return withDuckDb({}, async (connection) =>
    (await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet(${sqlString(file)})`)).getRowsJson(),
  );
}
