/** DuckDB's messages run over many lines of settings and advice for its own users; the first ones say what happened. */
export function brief(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => /^(LINE \d+:|Possible|The search space|\s+file = )/.test(line));
  return lines
    .slice(0, end === -1 ? 4 : Math.max(1, Math.min(end, 4)))
    .map((line) => line.trim())
    .join('; ');
}
