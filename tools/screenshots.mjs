/**
 * Pictures of the report on a gated model, for the docs: the fixture of the specs as a page, at the width of a desk and of
 * a telephone, light and dark. `node tools/screenshots.mjs` after a build; needs Chromium, `CHROMIUM` names it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { repository } from './workspace/tarballs.mjs';

const browser = process.env['CHROMIUM'] ?? 'chromium';
const folder = join(repository, process.argv[2] ?? 'docs/images');
const pages = join(repository, 'tmp/screenshots');
const reporting = join(repository, 'packages/nx-mlops/src/reporting/evaluation');
const MOST_BYTES = 200_000;

/** The top of the page in light, further down in dark: four pictures show more than one. */
const shots = [
  { name: 'evaluation-desktop-light', width: 1280, height: 1120, dark: false, at: '' },
  { name: 'evaluation-desktop-dark', width: 1280, height: 1180, dark: true, at: '#metrics' },
  { name: 'evaluation-phone-light', width: 360, height: 1200, dark: false, at: '' },
  { name: 'evaluation-phone-dark', width: 360, height: 1200, dark: true, at: '#metrics' },
];

if (!hasBrowser()) {
  console.error(`There is no ${browser}: no pictures are taken. CHROMIUM names another.`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
mkdirSync(pages, { recursive: true });
const { evaluationHtml } = await load('evaluation-html.ts');
const { gatedModels } = await load('gated-model.fixture.ts');
for (const [name, input] of Object.entries(gatedModels)) {
  writeFileSync(join(pages, `${name.replaceAll(/\W+/g, '-')}.html`), await evaluationHtml(input()));
}
for (const { name, ...view } of shots) {
  const file = join(folder, `${name}.png`);
  takePicture('binary-failed', file, view);
  const { size } = statSync(file);
  console.log(`${file}: ${size} bytes`);
  if (size > MOST_BYTES) {
    console.error(`${name} is above ${MOST_BYTES} bytes: take a smaller picture.`);
    process.exitCode = 1;
  }
}

/** Chromium makes no window narrower than 500 pixels, so the page is shown in a frame of the width. */
function takePicture(page, file, { width, height, dark, at }) {
  const scheme = dark ? 'dark' : 'light';
  // A headless browser has no theme of its own: the style sheet is told which one.
  const html = readFileSync(join(pages, `${page}.html`), 'utf8').replaceAll(
    'screen and (prefers-color-scheme:dark)',
    dark ? 'screen' : 'not all',
  );
  const themed = join(pages, `${page}-${scheme}.html`);
  writeFileSync(themed, html.replace('content="light dark"', `content="${scheme}"`));
  const frame = join(pages, `frame-${page}-${scheme}-${width}.html`);
  writeFileSync(
    frame,
    `<!DOCTYPE html><style>body{margin:0}iframe{border:0;display:block}</style><iframe src="${pathToFileURL(themed)}${at}" width="${width}" height="${height}"></iframe>`,
  );
  execFileSync(
    browser,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--screenshot=${file}`,
      `--window-size=${width},${height}`,
      pathToFileURL(frame).href,
    ],
    { stdio: 'pipe' },
  );
}

function hasBrowser() {
  try {
    execFileSync(browser, ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function load(file) {
  return tsImport(pathToFileURL(join(reporting, file)).href, import.meta.url);
}
