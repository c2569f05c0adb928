import { StatementType, type DuckDBConnection } from '@duckdb/node-api';
import { MlopsError } from '@nx-mlops/core';
import type { QueryColumn } from '../column-types';
import { withoutTextAndComments } from './unstable-sql';

/**
 * Names and types of the columns that a query gives, without running it.
 *
 * @param file where the query is, named in errors
 * @throws MlopsError MLOPS_PREPARE_SQL when the text is not one SELECT, or has parameters; what DuckDB throws
 */
export async function describeQuery(
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
