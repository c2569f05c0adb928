import { StatementType, type DuckDBConnection } from '@duckdb/node-api';
import {
  MOST_EXAMPLE_ROWS,
  MlopsError,
  checkNames,
  messageOf,
  type CheckResult,
  type DatasetConfig,
  type ExampleRow,
} from '@nx-mlops/core';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../../reporting/format';
import { shownValue } from './check-expectations';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { brief } from '../sources/source-query';
import { cellsOf, rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier } from '../sql-text';
import { withoutTextAndComments } from '../prepare/unstable-sql';

/** Beside the columns of a split: the number of the row in its file, from 1. */
const ROW_NUMBER = 'row_number';
const VALUES_SHOWN = 3;

/** A check that a project brings: one SELECT that returns the rows which should not be. */
export interface SqlCheck {
  /** Name of the file without its extension. */
  readonly name: string;
  /** Relative to the workspace. */
  readonly file: string;
  readonly sql: string;
  /** First comment of the file. */
  readonly description: string | undefined;
  readonly severity: 'fail' | 'warn' | 'info';
}

/**
 * The checks in the folder `validation.sql`, by name. None when the config names no folder.
 *
 * @throws MlopsError MLOPS_CHECK_SQL when the folder cannot be read or holds no SQL, when a file has the name of a check of
 *   ours or a severity that there is not
 */
export async function readSqlChecks(project: DatasetProject, config: DatasetConfig): Promise<SqlCheck[]> {
  const folder = config.validation?.sql;
  if (folder === undefined) return [];
  const location = { file: nameOfFile(project, folder) };
  const names = await readdir(join(project.folder, folder)).catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_CHECK_SQL',
      `cannot be read. It is the folder that validation.sql in ${nameOfFile(project, 'dataset.config.json')} names: make it, or mend the path.`,
      location,
      { cause: error },
    );
  });
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  if (files.length === 0) {
    throw new MlopsError(
      'MLOPS_CHECK_SQL',
      'holds no SQL file, so it checks nothing. Write one, or take validation.sql out.',
      location,
    );
  }
  return Promise.all(
    files.map(async (file) =>
      parseSqlCheck(
        file.slice(0, -'.sql'.length),
        nameOfFile(project, `${folder.replace(/\/$/, '')}/${file}`),
        await readFile(join(project.folder, folder, file), 'utf8'),
      ),
    ),
  );
}

function parseSqlCheck(name: string, file: string, sql: string): SqlCheck {
  if ((checkNames as readonly string[]).includes(name)) {
    throw new MlopsError(
      'MLOPS_CHECK_SQL',
      `has the name of a check that nx-mlops has itself. Give the file another one.`,
      { file },
    );
  }
  const comments = [...sql.matchAll(/^\s*--[ \t]*(.*)$/gm)].map(([, text = '']) => text.trim());
  const severities = comments.flatMap((text) => {
    const found = /^severity:\s*(\S*)$/.exec(text);
    return found === null ? [] : [found[1] as string];
  });
  const severity = severities[0] ?? 'fail';
  if (severity !== 'fail' && severity !== 'warn' && severity !== 'info') {
    throw new MlopsError('MLOPS_CHECK_SQL', `"${severity}" is no severity. There are: fail, warn, info.`, {
      file,
    });
  }
  const description = comments.find((text) => text !== '' && !text.startsWith('severity:'));
  return { name, file, sql, description, severity };
}

/**
 * Runs a project's own checks over views named as the splits, each with all columns and `row_number`. Rows that a SELECT
 * returns break the check; with `row_number` among its columns they are shown with their numbers.
 *
 * @param connection may read the files of the splits and no others
 * @throws MlopsError MLOPS_CHECK_SQL naming file and line
 */
export async function runSqlChecks(
  connection: DuckDBConnection,
  checks: readonly SqlCheck[],
  tables: readonly SplitTable[],
): Promise<CheckResult[]> {
  if (checks.length === 0) return [];
  for (const { split, from, columns, rowNumber } of tables) {
    const taken = columns.some(({ name }) => name.toLowerCase() === ROW_NUMBER);
    const number = taken || rowNumber === undefined ? '' : `, ${rowNumber} AS ${ROW_NUMBER}`;
    const values = columns.map(({ name }) => sqlIdentifier(name)).join(', ');
    await connection.run(
      `CREATE TEMP VIEW ${sqlIdentifier(split)} AS SELECT ${values}${number} FROM ${from}`,
    );
  }
  const splits = tables.map(({ split }) => split);
  const results: CheckResult[] = [];
  for (const check of checks) {
    try {
      results.push(await runSqlCheck(connection, check, splits));
    } catch (error) {
      throw explain(error, check, splits);
    }
  }
  return results;
}

async function runSqlCheck(
  connection: DuckDBConnection,
  check: SqlCheck,
  splits: readonly string[],
): Promise<CheckResult> {
  const { name, sql, description, severity } = check;
  await assertOneSelect(connection, check);
  // A view, so that a final semicolon or comment of the file does no harm.
  await connection.run(`CREATE OR REPLACE TEMP VIEW ${OFFENDING} AS ${sql}`);
  const [row = []] = await rowsOf(connection, `SELECT count(*) FROM ${OFFENDING}`);
  const failingRows = Number(row[0]);
  const code = withoutTextAndComments(sql);
  const split =
    splits.find((name) => new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`).test(code)) ?? splits[0];
  const base = { check: name, split: split as string };
  const prefix = description === undefined ? '' : `${description.replace(/\.$/, '')}: `;
  if (failingRows === 0) return { ...base, verdict: 'pass', because: `${prefix}no row is returned` };
  const { examples, values } = await offendingRows(connection);
  return {
    ...base,
    verdict: severity,
    because: `${prefix}${plural(failingRows, 'row')} ${failingRows === 1 ? 'is' : 'are'} returned${values}`,
    failingRows,
    ...(examples.length === 0 ? {} : { examples }),
  };
}

const OFFENDING = '"rows that should not be"';

async function offendingRows(
  connection: DuckDBConnection,
): Promise<{ examples: ExampleRow[]; values: string }> {
  const described = await rowsOf(connection, `SELECT column_name FROM (DESCRIBE SELECT * FROM ${OFFENDING})`);
  const columns = described.map(([name]) => String(name));
  const at = columns.findIndex((name) => name.toLowerCase() === ROW_NUMBER);
  const order = at === -1 ? '' : `ORDER BY ${at + 1}`;
  const rows = await rowsOf(connection, `SELECT * FROM ${OFFENDING} ${order} LIMIT ${MOST_EXAMPLE_ROWS}`);
  if (at === -1) {
    const shown = rows.slice(0, VALUES_SHOWN).map((row) => row.map(shownValue).join(' / '));
    return { examples: [], values: `, such as ${shown.join(', ')}` };
  }
  const others = columns.filter((_, index) => index !== at);
  const examples = rows
    .filter((row) => Number(row[at]) >= 1)
    .map((row) => ({
      row: Number(row[at]),
      values: cellsOf(
        others,
        row.filter((_, index) => index !== at),
      ),
    }));
  return { examples, values: '' };
}

async function assertOneSelect(connection: DuckDBConnection, { file, sql }: SqlCheck): Promise<void> {
  const blank = withoutTextAndComments(sql).replaceAll(';', '').trim() === '';
  const statements = blank ? undefined : await connection.extractStatements(sql);
  if (statements?.count !== 1) {
    throw new MlopsError(
      'MLOPS_CHECK_SQL',
      `holds ${statements?.count ?? 0} statements. It must be one SELECT whose rows are those that should not be.`,
      { file },
    );
  }
  const statement = await statements.prepare(0);
  try {
    if (statement.statementType !== StatementType.SELECT) {
      throw new MlopsError(
        'MLOPS_CHECK_SQL',
        'is no SELECT. It must be one query whose rows are those that should not be.',
        { file },
      );
    }
  } finally {
    statement.destroySync();
  }
}

function explain(error: unknown, { file }: SqlCheck, splits: readonly string[]): unknown {
  if (error instanceof MlopsError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, '');
  if (/^(Out of Memory|INTERRUPT)/i.test(message) || /No space left/i.test(message)) return error;
  const line = /^\s*LINE (\d+):/m.exec(message)?.[1];
  return new MlopsError(
    'MLOPS_CHECK_SQL',
    `${line === undefined ? '' : `line ${line}: `}DuckDB says: ${brief(message)}. The tables are the splits: ${splits.join(', ')}; no files can be read.`.replace(
      /\.{2,}/g,
      '.',
    ),
    { file },
    { cause: error },
  );
}
