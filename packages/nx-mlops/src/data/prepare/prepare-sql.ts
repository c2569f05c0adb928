import { MlopsError, layout, messageOf, suggestion, type DatasetConfig } from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { sqlIdentifier } from '../duckdb';
import { brief } from '../brief';
import { unstableParts } from './unstable-sql';

/** The query whose rows are the prepared table. */
export interface PrepareSql {
  readonly text: string;
  /** Where it stands, named in errors. */
  readonly file: string;
}

/**
 * The prepare SQL of a dataset: its file, or all rows of its only source.
 *
 * @throws MlopsError MLOPS_CONFIG_INVALID when several sources have nothing that makes them one table,
 *   MLOPS_PREPARE_SQL when the file cannot be read
 */
export async function readPrepareSql(
  project: DatasetProject,
  config: DatasetConfig,
  print: StageIo['print'],
): Promise<PrepareSql> {
  const names = Object.keys(config.sources);
  const configFile = nameOfFile(project, layout.datasetConfig);
  const path = config.prepare?.sql;
  if (path === undefined) {
    const [only, ...others] = names as [string, ...string[]];
    if (others.length === 0) return { text: `SELECT * FROM ${sqlIdentifier(only)}`, file: configFile };
    throw new MlopsError(
      'MLOPS_CONFIG_INVALID',
      `is missing: with several sources (${names.join(', ')}) a SQL file has to say how they become one table.`,
      { file: configFile, path: 'prepare.sql' },
    );
  }
  const file = nameOfFile(project, path);
  try {
    const text = await readFile(join(project.folder, path), 'utf8');
    warnOfUnstable({ text, file }, print);
    return { text, file };
  } catch (error) {
    throw new MlopsError(
      'MLOPS_PREPARE_SQL',
      `cannot be read. It is named by prepare.sql in ${configFile}: write it, or mend the path.`,
      { file },
      { cause: error },
    );
  }
}

function warnOfUnstable({ text, file }: PrepareSql, print: StageIo['print']): void {
  const parts = unstableParts(text);
  if (parts.length === 0) return;
  print(
    `warning: ${file} uses ${parts.join(', ')}, so each prepare may give other rows. Models would be retrained for it, and other machines could not make the same data.`,
  );
}

/**
 * What DuckDB said of the prepare SQL, in our words; anything that is no fault of the SQL comes back as it is.
 *
 * @param tables names of the sources
 */
export function explainSqlFailure(error: unknown, tables: readonly string[], file: string): unknown {
  if (error instanceof MlopsError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, '');
  if (/^(Out of Memory|INTERRUPT)/i.test(message) || /No space left/i.test(message)) return error;
  // Of a failure while it runs, the line is that of the query that we put around the user's.
  const line = /^(Parser|Binder|Catalog) Error/.test(message)
    ? /^\s*LINE (\d+):/m.exec(message)?.[1]
    : undefined;
  return new MlopsError(
    'MLOPS_PREPARE_SQL',
    `${line === undefined ? '' : `line ${line}: `}DuckDB says: ${brief(message)}.${hintFor(message, tables)}`.replace(
      /\.{2,}/g,
      '.',
    ),
    { file },
    { cause: error },
  );
}

function hintFor(message: string, tables: readonly string[]): string {
  if (/Permission Error|file system operations are disabled/i.test(message)) {
    return ` The SQL may read the sources alone (${tables.join(', ')}): add the file to "sources" and use its name as a table, so that the lock pins it.`;
  }
  const table = /Catalog Error: Table with name (.+?) does not exist/i.exec(message)?.[1];
  if (table !== undefined) {
    return ` The tables are the sources: ${tables.join(', ')}.${suggestion(table, tables)}`;
  }
  if (/out of range for the destination type INT64/i.test(message)) {
    return ' A prepared integer has 64 signed bits: make the column smaller, or a number or text, with CAST.';
  }
  if (/Conversion Error/i.test(message)) return ' TRY_CAST gives NULL for values that do not convert.';
  return nearestColumn(message, candidatesIn(message));
}

/** The columns that DuckDB lists where it does not know one. They are those of the whole query, nearest first. */
function candidatesIn(message: string): string[] {
  const list = /Candidate bindings: (.*)/.exec(message)?.[1] ?? '';
  return [...list.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name.split('.').at(-1) ?? name);
}

/** " Did you mean …?" for a column that a query names and that is not there; else nothing. */
export function nearestColumn(message: string, columns: readonly string[]): string {
  const unknown = /Referenced column "(.+?)" (?:not found|was not found)/.exec(message)?.[1];
  return unknown === undefined || columns.length === 0 ? '' : suggestion(unknown, columns);
}
