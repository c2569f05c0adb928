/** Of cells that are Markdown already: every foreign text in them has gone through `plainText` or `codeText`. */
export interface MarkupTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers, counted from 0. */
  readonly right?: readonly number[];
}

export function markupTable({ header, rows, right = [] }: MarkupTable): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (right.includes(column) ? '--:' : '---'));
  return [line(header), line(rule), ...rows.map(line)];
}
