import { sqlIdentifier, withDuckDb } from '../../../data/duckdb';
import { formatOfSource } from '../../../data/sources/source-format';
import { openSource } from '../../../data/sources/source-query';

/** Distinct values of a column as text, sorted, missing ones left out; at most `most`. */
export async function distinctValues(
  files: readonly string[],
  column: string,
  most: number,
): Promise<string[]> {
  return withDuckDb({ threads: 2 }, async (connection) => {
    const table = { files, format: formatOfSource(files, undefined, { file: files[0] ?? '', path: '' }) };
    const result = await openSource(connection, table, (query) =>
      connection.runAndReadAll(
        `SELECT DISTINCT CAST(${sqlIdentifier(column)} AS VARCHAR) AS value FROM (${query}) WHERE value IS NOT NULL ORDER BY value LIMIT ${most}`,
      ),
    );
    return result.getRows().map(([value]) => String(value));
  });
}
