const unstableFunctions = [
  'random',
  'uuid',
  'uuidv4',
  'uuidv7',
  'gen_random_uuid',
  'now',
  'today',
  'current_date',
  'current_time',
  'current_timestamp',
  'get_current_timestamp',
  'get_current_time',
  'localtime',
  'localtimestamp',
  'transaction_timestamp',
] as const;

const keywordsWithoutParentheses = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
]);

/**
 * What in a SQL text gives another result on another run, such as `random()`: names in the order of their first use.
 * Looks at the text alone, comments, strings and quoted names left out, so it may miss what a macro hides.
 */
export function unstableParts(sql: string): string[] {
  const code = withoutTextAndComments(sql).toLowerCase();
  const found = new Map<string, number>();
  for (const name of unstableFunctions) {
    const call = keywordsWithoutParentheses.has(name) ? `\\b${name}\\b` : `\\b${name}\\s*\\(`;
    const at = code.search(new RegExp(call));
    if (at !== -1) found.set(keywordsWithoutParentheses.has(name) ? name : `${name}()`, at);
  }
  const sample = code.search(/\b(using\s+sample|tablesample)\b/);
  if (sample !== -1 && !/\brepeatable\b/.test(code)) found.set('a sample without REPEATABLE (seed)', sample);
  return [...found].sort((a, b) => a[1] - b[1]).map(([name]) => name);
}

/** The SQL with a space for each string, quoted name and comment. */
export function withoutTextAndComments(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
}
