import { escapeHtml } from './escape';
import { pageStyles } from './styles';

/**
 * A page in one file that asks nothing of the network: no script, no font, no style from elsewhere, and a content policy
 * that forbids the browser to fetch any. Written so that it is well-formed XML too.
 *
 * @param page.title plain text
 * @param page.header markup of what comes first, the h1 included
 * @param page.main markup
 * @param page.footer markup
 * @param page.styles what this page has beyond every page
 */
export function htmlPage(page: {
  readonly title: string;
  readonly header: string;
  readonly main: string;
  readonly footer: string;
  readonly styles?: string;
}): string {
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"/>',
    '<meta name="color-scheme" content="light dark"/>',
    `<title>${escapeHtml(page.title)}</title>`,
    `<style>${pageStyles}${page.styles ?? ''}</style>`,
    '</head>',
    '<body>',
    `<header>\n${page.header}\n</header>`,
    `<main>\n${page.main}\n</main>`,
    `<footer>\n${page.footer}\n</footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
