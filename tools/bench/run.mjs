/**
 * `npm run bench`: measures each figure beside its peer or its limit in the same run, prints it as a ratio, and writes
 * docs/benchmarks.md. `npm run bench -- prepare evaluate` measures some of them and leaves the other sections of that page;
 * with `--small` the figures that take long take little data, to see that they run, and nothing is written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packTarballs, repository } from '../workspace/tarballs.mjs';
import { evaluateFigures } from './figures/evaluate.mjs';
import { graphFigures } from './figures/graph.mjs';
import { lockFigures } from './figures/lock.mjs';
import { noOpFigures } from './figures/no-op.mjs';
import { prepareFigures } from './figures/prepare.mjs';
import { registryFigures } from './figures/registry.mjs';
import { trainInputFigures } from './figures/train-input.mjs';
import { transferFigures } from './figures/transfer.mjs';
import { validateFigures } from './figures/validate.mjs';
import { flightsWorkspace } from './flights-workspace.mjs';

const flights = { prepare: prepareFigures, train: trainInputFigures, evaluate: evaluateFigures };
const others = {
  lock: lockFigures,
  transfer: transferFigures,
  validate: validateFigures,
  graph: graphFigures,
  'no-op': noOpFigures,
  registry: registryFigures,
};
const all = [...Object.keys(flights), ...Object.keys(others)];
const small = process.argv.includes('--small');
const asked = process.argv.slice(2).filter((argument) => argument !== '--small');
const unknown = asked.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`There is no figure "${unknown}". There are: ${all.join(', ')}.`);
  process.exit(2);
}
const wanted = asked.length === 0 ? all : asked;

console.log('Building and packing …');
await packTarballs();
const sections = new Map();
if (wanted.some((name) => name in flights)) {
  console.log('Making the workspace of flights …');
  const workspace = await flightsWorkspace();
  await workspace.stop();
  for (const name of wanted.filter((item) => item in flights))
    sections.set(name, await section(name, () => flights[name](workspace)));
}
for (const name of wanted.filter((item) => item in others))
  sections.set(name, await section(name, () => others[name]({ small })));

if (!small) {
  const file = join(repository, 'docs/benchmarks.md');
  const former = await readFile(file, 'utf8').catch(() => '');
  await writeFile(file, page(new Map([...sectionsOf(former), ...sections])));
  console.log(`\nWritten to ${file}`);
}

async function section(name, measure) {
  console.log(`\nMeasuring ${name} …`);
  const result = await measure();
  const text = [`## ${result.title}`, '', result.about, '', table(result.rows)].join('\n');
  console.log(text);
  return text;
}

/** The sections of a page that this program wrote, by name. */
function sectionsOf(text) {
  const parts = text.split(/^<!-- (\S+) -->\n/m).slice(1);
  return new Map(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1].trim()]] : [])));
}

function table(rows) {
  const cells = [
    ['figure', 'ours', 'beside it', 'ratio', 'aim', 'met'],
    ...rows.map((row) => [row.figure, row.ours, row.beside, row.ratio, row.aim, row.met ? 'yes' : 'no']),
  ];
  const [head, ...body] = cells.map((row) => `| ${row.join(' | ')} |`);
  return [head, `|${' --- |'.repeat(cells[0].length)}`, ...body].join('\n');
}

function page(results) {
  const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\`. Machine: ${machine}. Each figure is the median of several rounds, ours and what is beside it in`,
    'turn, in processes of their own. Quote the ratios: the machine is shared, and its speed drifts.',
    '',
    ...all.flatMap((name) => (results.has(name) ? [`<!-- ${name} -->`, '', results.get(name), ''] : [])),
  ].join('\n');
}
