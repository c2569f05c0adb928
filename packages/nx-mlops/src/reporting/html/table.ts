import type { Alignment } from '../table';
import { escapeHtml } from './escape';

/** A column of a table; its cells are markup. */
export interface HtmlColumn {
  /** Plain text. */
  readonly title: string;
  /** Markup shown instead of the title. */
  readonly markup?: string;
  readonly alignment?: Alignment;
  /** Long text that may break into lines. */
  readonly wrap?: boolean;
}

/**
 * A table that scrolls inside its own frame when it is wider than the page, reachable by keyboard. The first cell of a
 * row is its heading.
 *
 * @param table.label what the table holds, plain text; read out, and shown above it when `caption` is set
 * @param table.tall scroll from top to bottom as well, after some 20 rows
 */
export function htmlTable(table: {
  readonly label: string;
  readonly caption?: boolean;
  readonly columns: readonly HtmlColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly tall?: boolean;
}): string {
  const classes = table.columns.map(({ alignment, wrap }) => {
    const names = [...(alignment === 'right' ? ['r'] : []), ...(wrap === true ? ['wrap'] : [])];
    return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
  });
  const head = table.columns.map(({ title, markup }, index) => {
    const text = markup ?? escapeHtml(title);
    // An empty corner is no heading.
    return text === '' ? '<td></td>' : `<th scope="col"${classes[index]}>${text}</th>`;
  });
  const body = table.rows.map((cells) => {
    const row = cells.map((cell, index) =>
      index === 0
        ? `<th scope="row"${classes[index]}>${cell}</th>`
        : `<td${classes[index] ?? ''}>${cell}</td>`,
    );
    return `<tr>${row.join('')}</tr>`;
  });
  const label = escapeHtml(table.label);
  return [
    `<div class="scroll${table.tall === true ? ' tall' : ''}" role="region" tabindex="0" aria-label="${label}"><table>`,
    ...(table.caption === true ? [`<caption>${label}</caption>`] : []),
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table></div>`,
  ].join('');
}
