import { escapeHtml } from '../../html/escape';

/** A part of the page that the navigation leads to. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Markup below the heading. */
  readonly body: string;
}

export function sectionMarkup({ id, title, body }: Section): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

export function badge(concern: string, word: string): string {
  return `<span class="badge ${concern}">${escapeHtml(word)}</span>`;
}
