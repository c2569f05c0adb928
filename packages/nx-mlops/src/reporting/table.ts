/** How the cells of a column stand. */
export type Alignment = 'left' | 'right';

/** A small table for the terminal and for Markdown. Cells are text already. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** By column; left where it says nothing. */
  readonly alignment?: readonly Alignment[];
}

/** Plain lines with padded columns and a rule below the header; no trailing spaces. */
export function textTable({ header, rows, alignment = [] }: Table): string[] {
  const widths = header.map((title, column) =>
    Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((size, column) => {
        const cell = cells[column] ?? '';
        const space = ' '.repeat(size - width(cell));
        return alignment[column] === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((size) => '-'.repeat(size)).join('  '), ...rows.map(line)];
}

/** A GitHub-flavoured Markdown table. Cells are plain text: what Markdown would take as markup is escaped. */
export function markdownTable({ header, rows, alignment = [] }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = header.map((_, column) => (alignment[column] === 'right' ? '--:' : '---'));
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)];
}

/** Text that Markdown shows as it is, in one line; on GitHub it mentions nobody either. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\\`*_{}[\]<|~&$]/g, '\\$&')
      // A space without width after it: an escaped @ would still notify people.
      .replace(/@(?=[\w-])/g, '@\u200B')
      .replace(/\p{Cc}+/gu, ' ')
  );
}

/** Code points, not UTF-16 units, so that an emoji or a rare letter counts as one. */
function width(text: string): number {
  return Array.from(text).length;
}
