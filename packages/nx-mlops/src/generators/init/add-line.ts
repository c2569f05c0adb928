/**
 * Appends a line to a text file unless it stands there already.
 *
 * @param text undefined when there is no such file yet
 * @param line without its line break
 * @param equals other spellings that say the same
 */
export function addLine(text: string | undefined, line: string, equals: readonly string[] = []): string {
  const lines = (text ?? '').split(/\r?\n/).map((item) => item.trim());
  if (text !== undefined && [line, ...equals].some((spelling) => lines.includes(spelling))) return text;
  const lineBreak = text?.includes('\r\n') === true ? '\r\n' : '\n';
  const before =
    text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}${lineBreak}`;
  return `${before}${line}${lineBreak}`;
}
