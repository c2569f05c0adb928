import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';

/**
 * Fills a workspace with three datasets and three models: `delays` is made from `flights` by a script, `late` (TypeScript, imports a library and an npm package) and
 * `night` (Python) learn from `flights`, `rain` (JavaScript) from `weather`, and a script of its own evaluates it.
 *
 * A "training" copies a model that lies ready, which one the parameter `variant` says: what counts here is whether it
 * runs, and that the same parameters give the same bytes.
 */
export async function fillWorkspace(workspace: Workspace): Promise<void> {
  await workspace.edit('.gitignore', (text) => `${text}ml/*/data/\n.venv/\n`);
  for (const [file, content] of Object.entries(files)) {
    await workspace.write(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  for (const model of ['late', 'night', 'rain']) {
    await copyFile(fixture('columns-binary-n'), workspace.path(`ml/${model}/model-1.onnx`));
    await copyFile(fixture('columns-binary-n1'), workspace.path(`ml/${model}/model-2.onnx`));
  }
  await workspace.mustNx(['run-many', '-t', 'lock']);
  await workspace.commit('Three datasets, three models');
}

/** Inputs `amount` and `origin`; the two differ in the shape of their output. */
function fixture(name: string): string {
  return join(repository, `packages/runtime/src/fixtures/${name}.onnx`);
}

export const flightsData = [
  'month,amount,origin,late,cancelled',
  ...rows(40).map(
    (row) => `${(row % 6) + 1},${row / 2},${row % 3 ? 'JFK' : 'LAX'},${row % 4 === 0},${row % 5 === 0}`,
  ),
  '',
].join('\n');

const weatherData = [
  'amount,origin,wet',
  ...rows(60).map((row) => `${row},${row % 3 ? 'JFK' : 'LAX'},${row % 4 === 0}`),
  '',
].join('\n');

function rows(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

const model = (dataset: string, entry: string, target: string) => ({
  description: 'A model',
  task: 'binary-classification',
  datasets: { train: `${dataset}:train`, test: `${dataset}:test` },
  features: ['amount', 'origin'],
  target,
  training: { entry, params: { variant: 1, note: 'a' }, seed: 7, timeoutMinutes: 5 },
  evaluation: {
    metrics: ['roc-auc', 'log-loss'],
    threshold: 0.5,
    slices: ['origin'],
    gates: [{ metric: 'roc-auc', min: 0.01 }],
  },
});

const files: Record<string, unknown> = {
  'mlops.json': {
    registry: 'file:.mlops/registry',
    environments: [{ name: 'staging', description: 'First' }, { name: 'production' }],
  },

  'ml/flights/data/flights.csv': flightsData,
  'ml/flights/dataset.config.json': {
    description: 'Flights',
    sources: { flights: { path: 'data/*.csv' } },
    prepare: { sql: 'prepare.sql' },
    splits: { train: { where: 'month <= 4' }, test: { where: 'month > 4' } },
    schema: {
      fields: [
        { name: 'month', type: 'integer' },
        { name: 'amount', type: 'number', constraints: { minimum: 0 } },
        { name: 'origin', type: 'string' },
        { name: 'late', type: 'boolean' },
        { name: 'cancelled', type: 'boolean' },
      ],
    },
    validation: { minRows: 2, sql: 'checks' },
  },
  'ml/flights/prepare.sql': 'SELECT month, amount::DOUBLE AS amount, origin, late, cancelled FROM flights\n',
  'ml/flights/checks/negative.sql': '-- No negative amount.\nSELECT * FROM train WHERE amount < 0\n',
  'ml/flights/README.md': '# Flights\n',

  'ml/weather/data/weather.csv': weatherData,
  'ml/weather/dataset.config.json': {
    sources: { weather: { path: 'data/weather.csv' } },
    splits: { train: { fraction: 0.7 }, test: { fraction: 0.3 } },
    splitBy: { seed: 1 },
  },

  'ml/delays/dataset.config.json': {
    sources: { flights: { dataset: 'flights:train' } },
    prepare: { entry: 'prepare.ts', params: { note: 'a' }, timeoutMinutes: 5 },
    splits: { all: { file: 'all.parquet' } },
  },
  'ml/delays/prepare.ts': `import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clean } from '../../libs/clean/src/clean';

const run = JSON.parse(readFileSync(process.env['MLOPS_RUN'] ?? '', 'utf8'));
console.log(clean, run.params.note);
copyFileSync(run.datasets.flights.path, join(run.outputDir, 'all.parquet'));
`,
  'ml/delays/prepare.spec.ts': '// A test\n',
  'ml/delays/README.md': '# Delays\n',
  'libs/clean/project.json': { name: 'clean', targets: {} },
  'libs/clean/src/clean.ts': 'export const clean = 1;\n',
  'libs/clean/README.md': '# Clean\n',

  'libs/encode/project.json': { name: 'encode', targets: {} },
  'libs/encode/src/scale.ts': 'export const scale = 1;\n',
  'libs/encode/src/limits.json': { largest: 100 },
  'libs/encode/src/scale.spec.ts': '// A test\n',
  'libs/encode/README.md': '# Encode\n',
  'libs/other/project.json': { name: 'other', targets: {} },
  'libs/other/src/index.ts': 'export const other = 1;\n',

  'ml/late/model.config.json': model('flights', 'src/train.ts', 'late'),
  'ml/late/src/train.ts': `import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scale } from '../../../libs/encode/src/scale';

const run = JSON.parse(readFileSync(process.env['MLOPS_RUN'] ?? '', 'utf8'));
/** Nobody calls it: that the import is there is what counts. */
export const library = () => import('@tensorflow/tfjs-core');
console.log('scale', scale);
copyFileSync(\`model-\${run.params.variant}.onnx\`, join(run.outputDir, 'model.onnx'));
`,
  'ml/late/src/train.spec.ts': '// A test\n',
  'ml/late/README.md': '# Late\n',

  'ml/rain/model.config.json': {
    ...model('weather', 'train.mjs', 'wet'),
    evaluation: {
      entry: 'evaluate.mjs',
      params: { note: 'a' },
      timeoutMinutes: 5,
      customMetrics: { hits: { direction: 'higher' } },
      gates: [{ metric: 'hits', min: 0.01 }],
    },
  },
  'ml/rain/evaluate.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const run = JSON.parse(readFileSync(process.env.MLOPS_RUN, 'utf8'));
writeFileSync(join(run.outputDir, 'metrics.json'), JSON.stringify({ hits: run.datasets.test.rows }));
`,
  'ml/rain/train.mjs': `import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const run = JSON.parse(readFileSync(process.env.MLOPS_RUN, 'utf8'));
copyFileSync(\`model-\${run.params.variant}.onnx\`, join(run.outputDir, 'model.onnx'));
`,

  'ml/night/model.config.json': model('flights', 'train.py', 'late'),
  'ml/night/train.py': `import json, os, shutil

with open(os.environ["MLOPS_RUN"]) as file:
    run = json.load(file)
shutil.copy(f"model-{run['params']['variant']}.onnx", os.path.join(run["outputDir"], "model.onnx"))
`,
  'ml/night/test_train.py': '# A test\n',
  'requirements.txt': 'numpy==2.3.1\n',
};
