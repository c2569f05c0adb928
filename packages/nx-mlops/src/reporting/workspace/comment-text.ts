import { cutText } from '../html/escape';

/** Neither a mention nor an e-mail address, which GitHub makes a link of inside code, too. */
const SPLIT_AT = '\u200B@\u200B';

/**
 * Foreign text, such as a sentence that holds values of the data, as it may stand in a comment: between Markdown and between
 * the tags of HTML, in a cell of a table too. It is shown letter by letter, in one line; it makes no markup, mentions nobody,
 * links to nothing and refers to no issue, on GitHub and on GitLab.
 */
export function plainText(text: string, limit = 400): string {
  return encoded(
    visible(cutText(text, limit))
      // A space without width: GitHub and GitLab look for these in what is left after Markdown, so entities do not help.
      .replace(/@(?=\w)/g, SPLIT_AT)
      .replace(/([#!%$~&])(?=["\w])/g, '$1\u200B')
      .replace(/\b(GH|GL)-(?=\d)/gi, '$1-\u200B'),
  );
}

/** A name, of a project, metric, branch or the like, set as code. As safe as `plainText`. */
export function codeText(text: string, limit = 100): string {
  // Inside code GitHub and GitLab resolve no reference, so `@acme/shop` can be copied whole; e-mails do become links.
  return `<code>${encoded(visible(cutText(text, limit)).replace(/(?<=[\w.+-])@(?=\w)/g, SPLIT_AT))}</code>`;
}

/** A sentence of ours, in which what stands between backticks, such as a command to copy, is set as code. */
export function sentenceText(text: string, limit = 800): string {
  return cutText(text, limit)
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 === 1 ? codeText(part, limit) : spacedPlain(part, limit)))
    .join('');
}

/** The spaces at its ends are those around the code. */
function spacedPlain(part: string, limit: number): string {
  return `${/^\s/.test(part) ? ' ' : ''}${plainText(part, limit)}${/\S\s+$/.test(part) ? ' ' : ''}`;
}

/** Markup characters as entities: these never act as markup, and a table is not split at one. */
function encoded(text: string): string {
  return (
    text
      .replace(/[&<>"'`*_{}[\]|~\\$]/g, entity)
      // Two rules of GitHub make links of bare addresses: one looks for "://", one for "www.".
      .replace(/:(?=\/\/)/g, entity)
      .replace(/(?<=www)\./gi, entity)
      // At the start of a line these begin a heading, a quote, a list or a rule.
      .replace(/^[#+\-=]/, entity)
      .replace(/^(\d+)([.)])/, (_, digits: string, mark: string) => digits + entity(mark))
  );
}

function entity(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

/** In one line; marks of writing direction, which would rearrange it, as their code points. */
function visible(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, (mark) => {
      return `U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    })
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    .trim();
}
