/**
 * A text as a SQL string literal.
 *
 * @throws TypeError on a NUL character, which DuckDB's parser takes for the end of the statement
 */
export function sqlString(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`;
}

/**
 * A name as a quoted SQL identifier, so that it may hold spaces, quotes and keywords.
 *
 * @throws TypeError on a NUL character
 */
export function sqlIdentifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

function withoutNul(text: string): string {
  if (text.includes('\0')) throw new TypeError('SQL text cannot hold a NUL character');
  return text;
}
