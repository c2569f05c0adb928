/**
 * Pictures of the comment on a pull request for the docs: rendered as GitHub does it, at the width of a desktop and of a
 * phone, light and dark.
 *
 *   node tools/screenshots-comment.mjs            writes docs/images/comment-*.png
 *   node tools/screenshots-comment.mjs --open     with the first model unfolded, into tmp/, to look at
 *
 * It takes Chromium from CHROMIUM, else from the PATH. It reads TypeScript sources and needs a build of packages/core.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';

const require = createRequire(import.meta.url);
const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const isOpen = process.argv.includes('--open');
const folder = join(repository, isOpen ? 'tmp/images' : 'docs/images');
const work = join(repository, 'tmp/screenshots-comment');

const tsx = require('tsx/cjs/api');
const load = (file) =>
  tsx.require(join(repository, 'packages/nx-mlops/src/reporting/workspace', file), import.meta.url);
const { reportMarkdown } = load('report-markdown.ts');
const { variedReport } = load('workspace-report.fixture.ts');

const sizes = {
  desktop: { width: 1280, height: isOpen ? 2000 : 640 },
  phone: { width: 360, height: isOpen ? 2600 : 740 },
};

mkdirSync(folder, { recursive: true });
mkdirSync(work, { recursive: true });
/** GitHub shows its own pictures for these; a machine without a font for them would show boxes. */
const signs = {
  '❌': '<path d="M3 3l10 10M13 3L3 13" stroke="#dd2e44" stroke-width="3" stroke-linecap="round"/>',
  '✅': '<rect x="1" y="1" width="14" height="14" rx="3" fill="#77b255"/><path d="M4 8l3 3 5-7" stroke="#fff" stroke-width="2" fill="none"/>',
  '⚠️': '<path d="M8 1L15.5 15H.5z" fill="#ffcc4d"/><path d="M8 6v4M8 12v1.5" stroke="#231f20" stroke-width="2"/>',
  '❔': '<path d="M5 5a3 3 0 1 1 4 2.8c-1 .4-1 1-1 2.2M8 13v1" stroke="#99aab5" stroke-width="2.4" fill="none" stroke-linecap="round"/>',
  '➖': '<path d="M2 8h12" stroke="#8899a6" stroke-width="3"/>',
};

function drawSigns(text) {
  return Object.entries(signs).reduce((all, [sign, shape]) => {
    const drawn = `<svg viewBox="0 0 16 16" width="1em" height="1em" style="vertical-align:-.1em">${shape}</svg>`;
    // A letter would not part from the word after a space that does not break; a picture would.
    return all
      .replaceAll(
        new RegExp(`${sign}\u00A0([^<]*)`, 'g'),
        `<span style="white-space:nowrap">${drawn} $1</span>`,
      )
      .replaceAll(sign, drawn);
  }, text);
}

const markdown = new MarkdownIt({ html: true, linkify: true }).render(reportMarkdown(variedReport()));

for (const theme of ['light', 'dark']) {
  for (const [name, { width, height }] of Object.entries(sizes)) {
    const page = join(work, `${theme}-${name}.html`);
    writeFileSync(page, html(theme, width));
    const image = join(folder, `comment-${name}-${theme}.png`);
    rmSync(image, { force: true });
    const { status, stderr } = spawnSync(
      process.env.CHROMIUM ?? 'chromium',
      [
        '--headless',
        '--no-sandbox',
        '--hide-scrollbars',
        '--disable-gpu',
        `--window-size=${width},${height}`,
        `--screenshot=${image}`,
        `file://${page}`,
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`Chromium failed: ${stderr}`);
    console.log(`${image}: ${readFileSync(image).length} bytes`);
  }
}

function html(theme, width) {
  const css = readFileSync(require.resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8');
  const body = drawSigns(isOpen ? markdown.replace('<details>', '<details open>') : markdown);
  const back = theme === 'dark' ? '#0d1117' : '#ffffff';
  return `<!doctype html><meta charset="utf-8"><style>${css}
    html, body { margin: 0; background: ${theme === 'dark' ? '#010409' : '#f6f8fa'} }
    .comment { box-sizing: border-box; width: ${width}px; max-width: 900px; margin: 0 auto; padding: 12px }
    .phone .comment { margin: 0 }
    .markdown-body { box-sizing: border-box; padding: 16px; border: 1px solid #8884; border-radius: 6px; background: ${back};
      font-size: 14px; overflow: hidden }
  </style><body class="${width < 500 ? 'phone' : ''}"><div class="comment"><div class="markdown-body">${body}</div></div>`;
}
