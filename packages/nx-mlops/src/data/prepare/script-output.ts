import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, layout, messageOf, type DatasetConfig } from '@nx-mlops/core';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlString } from '../duckdb';
import { brief } from '../brief';
import { storedTable, type StoredTable } from './stored-table';
import { writeParquet } from './write-parquet';
import type { WrittenSplit } from './write-splits';

/** What a prepare script left, and where errors about it point. */
export interface ScriptOutput {
  /** Absolute. */
  readonly folder: string;
  readonly config: DatasetConfig;
  /** Named in errors. */
  readonly configFile: string;
}

/** Whether some split is taken by a rule from the prepared table. */
export function takesSplitsByRule({ splits }: Pick<DatasetConfig, 'splits'>): boolean {
  return Object.values(splits).some((split) => !('file' in split));
}

/**
 * The table that a prepare script left, from which splits are taken by rules.
 *
 * @throws MlopsError MLOPS_PREPARE_NO_OUTPUT, MLOPS_PREPARE_OUTPUT_BROKEN, MLOPS_COLUMN_TYPE, MLOPS_COLUMN_NAME
 */
export function preparedByScript(connection: DuckDBConnection, output: ScriptOutput): Promise<StoredTable> {
  return readOutput(connection, output, layout.preparedFile, 'splits');
}

/**
 * The splits that a prepare script left as files, read and written anew, so that the stored bytes depend on the rows
 * and not on who wrote them.
 *
 * @throws MlopsError as `preparedByScript`; MLOPS_SPLIT_EMPTY
 */
export async function splitsByScript(
  connection: DuckDBConnection,
  output: ScriptOutput,
  folder: string,
): Promise<WrittenSplit[]> {
  const { config, configFile } = output;
  const written: WrittenSplit[] = [];
  for (const [index, [name, split]] of Object.entries(config.splits).entries()) {
    if (!('file' in split)) continue;
    const path = `splits.${name}.file`;
    const table = await readOutput(connection, output, split.file, path);
    const file = join(folder, `left-${index}.parquet`);
    const rows = await writeParquet(connection, table.query, file, table.columns.length).catch(
      (error: unknown) => {
        throw explainBroken(error, output, split.file, path);
      },
    );
    if (rows === 0) {
      throw new MlopsError('MLOPS_SPLIT_EMPTY', `the script left ${split.file} without a row.`, {
        file: configFile,
        path: `splits.${name}`,
      });
    }
    written.push({ name, file, rows, columns: table.columns });
  }
  return written;
}

async function readOutput(
  connection: DuckDBConnection,
  output: ScriptOutput,
  name: string,
  path: string,
): Promise<StoredTable> {
  const file = join(output.folder, name);
  const isThere = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) throw await missing(output, name, path);
  try {
    return await storedTable(
      connection,
      `SELECT * FROM read_parquet(${sqlString(file)}, hive_partitioning = false)`,
      { view: `output ${name}`, file: name },
    );
  } catch (error) {
    throw explainBroken(error, output, name, path);
  }
}

/** What went wrong while a file that the script left was read; a fault of the machine comes back as it is. */
export function explainBroken(
  error: unknown,
  { configFile }: Pick<ScriptOutput, 'configFile'>,
  name: string,
  path: string,
): unknown {
  const message = messageOf(error);
  if (error instanceof MlopsError || !/^(Invalid|IO|Serialization|Binder|Conversion)/i.test(message))
    return error;
  if (/No space left/i.test(message)) return error;
  return new MlopsError(
    'MLOPS_PREPARE_OUTPUT_BROKEN',
    `the script left ${name}, which cannot be read as Parquet: ${brief(message)}. Close the file before the script ends, and write Parquet. The former result still stands.`,
    { file: configFile, path },
    { cause: error },
  );
}

async function missing(
  { folder, config, configFile }: ScriptOutput,
  name: string,
  path: string,
): Promise<MlopsError> {
  const left = (await readdir(folder, { recursive: true })).sort();
  const instead = left.length === 0 ? 'It left nothing there.' : `It left ${left.slice(0, 5).join(', ')}.`;
  const files = Object.values(config.splits).flatMap((split) => ('file' in split ? [split.file] : []));
  const wanted = [...(takesSplitsByRule(config) ? [layout.preparedFile] : []), ...files];
  return new MlopsError(
    'MLOPS_PREPARE_NO_OUTPUT',
    `the script ended well but left no ${name} in its output folder. ${instead} It has to write ${wanted.join(', ')} into <outputDir>; outputDir stands in the run context that MLOPS_RUN names.`,
    { file: configFile, path },
  );
}
