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

/**
 * A value as a SQL literal. Numbers keep every bit: one with a fraction would be read as a decimal, and the double that
 * DuckDB makes of a long decimal may be the next one.
 */
export function sqlLiteral(value: string | number | boolean): string {
  if (typeof value === 'string') return sqlString(value);
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : `'${value}'::DOUBLE`;
}
