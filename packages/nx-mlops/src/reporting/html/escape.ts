/** Most characters of a value or a name that a report shows; more is cut, and the cut is said. */
const MOST_CHARACTERS = 160;

/**
 * Text that is safe in HTML, between tags and inside quoted attributes, what could not be seen made visible.
 */
export function escapeHtml(text: string): string {
  return visibleText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/**
 * Text in which what could not be seen or would rearrange the line is made visible: control characters become their
 * pictures, marks of writing direction their code points. It holds no character that XML forbids.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?|\n/g, '⏎')
    .replace(/[\p{Cc}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/gu, visible)
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD');
}

/** Foreign text, such as a column's name or a cell, set apart so that its writing direction stays its own. */
export function foreignText(text: string, limit: number = MOST_CHARACTERS): string {
  return `<bdi>${escapeHtml(cutText(text, limit))}</bdi>`;
}

/** Text of at most about `limit` characters; what was cut is counted, so that no cut goes unnoticed. */
export function cutText(text: string, limit: number = MOST_CHARACTERS): string {
  if (text.length <= limit) return text;
  // A pair of surrogates is never parted.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${text.length} characters)`;
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`;
}
