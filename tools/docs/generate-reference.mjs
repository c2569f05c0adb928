/**
 * Writes docs/reference: a page for each executor, generator and config file, made from their schemas.
 *
 *   node tools/docs/generate-reference.mjs            writes them
 *   node tools/docs/generate-reference.mjs --check    writes nothing; exits 1 where a page is missing, old or left over
 *
 * It reads TypeScript sources and needs no build, so that a page can never tell of an older one.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configPage } from './config-page.mjs';
import { page, prose, table } from './markdown.mjs';
import { targetPage } from './target-page.mjs';

const require = createRequire(import.meta.url);
const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const plugin = 'packages/nx-mlops';
const folder = join(repository, 'docs/reference');

/** @returns {Promise<Map<string, string>>} every page by its path in docs/reference, forward slashes */
export async function referencePages() {
  const pages = new Map();
  const executors = await targetPages('executor');
  const generators = await targetPages('generator');
  const configs = await configPages();
  for (const { file, text } of [...executors, ...generators, ...configs]) pages.set(file, text);
  pages.set('README.md', indexPage({ executors, generators, configs }));
  return pages;
}

async function targetPages(kind) {
  const list = await readJson(`${plugin}/${kind}s.json`);
  return Promise.all(
    Object.entries(list[`${kind}s`])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([name, entry]) => {
        // Entries point into dist; the schema is a source file that the build copies there.
        const source = join(plugin, entry.schema.replace('./dist/', 'src/')).split(sep).join('/');
        const schema = await readJson(source);
        return {
          file: `${kind}s/${name}.md`,
          title: `nx-mlops:${name}`,
          summary: entry.description ?? schema.description ?? '',
          text: targetPage(kind, name, entry, schema, source),
        };
      }),
  );
}

async function configPages() {
  const { configJsonSchemas, metricNames, parseMetric, performanceMetricDefinitions, fairnessMetrics } =
    coreConfig();
  const schemas = configJsonSchemas();
  const configs = [
    { name: 'model.config.json', schema: 'model.schema.json', source: 'model-config.ts' },
    { name: 'dataset.config.json', schema: 'dataset.schema.json', source: 'dataset-config.ts' },
    { name: 'mlops.json', schema: 'mlops.schema.json', source: 'mlops-config.ts' },
  ];
  return Promise.all(
    configs.map(async ({ name, schema, source }) => ({
      file: `config/${name.replace(/\.json$/, '')}.md`,
      title: name,
      summary: schemas[schema].description ?? '',
      text: configPage(
        name,
        schemas[schema],
        `packages/core/src/config/${source}`,
        await readFile(join(repository, 'tools/docs/examples', name), 'utf8'),
        schema === 'model.schema.json'
          ? {
              metrics: Object.fromEntries(metricNames.map((name) => [name, parseMetric(name).definition])),
              gateMetrics: { ...performanceMetricDefinitions, ...fairnessMetrics },
            }
          : {},
      ),
    })),
  );
}

/** The zod schemas' own JSON Schemas, straight from the TypeScript sources. */
function coreConfig() {
  const tsx = require('tsx/cjs/api');
  const load = (file) => tsx.require(join(repository, 'packages/core/src/config', file), import.meta.url);
  return { ...load('json-schema.ts'), ...load('metrics.ts'), ...load('gate-config.ts') };
}

function indexPage({ executors, generators, configs }) {
  const list = (pages) =>
    table(
      ['', ''],
      pages.map(({ file, title, summary }) => [`[${title}](${file})`, prose(summary)]),
    );
  return page('Reference', 'executors.json, generators.json and the config schemas', [
    '## Executors',
    list(executors),
    '## Generators',
    list(generators),
    '## Config files',
    list(configs),
  ]);
}

async function readJson(file) {
  return JSON.parse(await readFile(join(repository, file), 'utf8'));
}

/** Path to text of what is in docs/reference now. */
async function presentPages() {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Map(files.map((file, index) => [relative(folder, file).split(sep).join('/'), texts[index]]));
}

/** What differs between the pages that should be and those that are, one line each. */
export function differences(wanted, present) {
  // Git may check text out with CRLF.
  const same = (a, b) => a.replaceAll('\r\n', '\n') === b.replaceAll('\r\n', '\n');
  const lines = [];
  for (const [file, text] of wanted) {
    const there = present.get(file);
    if (there === undefined) lines.push(`${file} is missing`);
    else if (!same(there, text)) lines.push(`${file} is not up to date`);
  }
  for (const file of present.keys()) if (!wanted.has(file)) lines.push(`${file} has no source any more`);
  return lines;
}

async function write(wanted, present) {
  for (const file of present.keys()) if (!wanted.has(file)) await rm(join(folder, file));
  for (const [file, text] of wanted) {
    if (present.get(file) === text) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

async function main() {
  const [wanted, present] = [await referencePages(), await presentPages()];
  const changes = differences(wanted, present);
  if (process.argv.includes('--check')) {
    if (changes.length > 0) {
      console.error(changes.map((line) => `docs/reference/${line}`).join('\n'));
      console.error('\nRun node tools/docs/generate-reference.mjs and commit what it writes.');
      process.exitCode = 1;
    }
    return;
  }
  await write(wanted, present);
  console.log(`docs/reference: ${wanted.size} pages, ${changes.length} changed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
