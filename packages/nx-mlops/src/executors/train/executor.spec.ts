/** @jest-environment ./../runtime/jest-environment.cjs */
import type { ExecutorContext } from '@nx/devkit';
import { evaluationSchema, gateReportSchema, openRegistry, readManifest } from '@nx-mlops/core';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import deploy from '../deploy/executor';
import evaluate from '../evaluate/executor';
import gate from '../gate/executor';
import history from '../history/executor';
import lock from '../lock/executor';
import prepare from '../prepare/executor';
import promote from '../promote/executor';
import rollback from '../rollback/executor';
import train from './executor';

tmp.setGracefulCleanup();

/** P(late) = sigmoid(amount + code of origin). See tools/golden/make-onnx-fixtures.py. */
const model = join(__dirname, '../../../../runtime/src/fixtures/columns-binary-n.onnx');
const root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');

const modelConfig = {
  task: 'binary-classification',
  datasets: { train: 'flights:train', test: 'flights:test' },
  features: ['amount', 'origin'],
  target: 'late',
  training: { entry: 'train.cjs' },
  evaluation: { gates: [{ metric: 'roc-auc', min: 0.9 }] },
};

function write(file: string, content: string | object): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

function context(projectName: string, configurationName?: string): ExecutorContext {
  return {
    root,
    cwd: root,
    isVerbose: false,
    projectName,
    configurationName,
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
    projectsConfigurations: {
      version: 2,
      projects: { flights: { root: 'data/flights' }, late: { root: 'ml/late' } },
    },
  };
}

let printed: string[];
beforeEach(() => {
  printed = [];
  for (const method of ['log', 'error'] as const) {
    jest
      .spyOn(console, method)
      .mockImplementation((...words: unknown[]) => void printed.push(words.join(' ')));
  }
});

beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  write('mlops.json', { environments: [{ name: 'staging' }, { name: 'production' }] });
  const rows = Array.from(
    { length: 400 },
    (_, i) => `${i % 2 === 0 ? 2 : -2},${i % 3 === 0 ? 'JFK' : 'XXX'},${i % 2 === 0},${i}`,
  );
  write('data/flights/rows.csv', ['amount,origin,late,id', ...rows].join('\n'));
  write('data/flights/dataset.config.json', {
    sources: { rows: { path: 'rows.csv' } },
    splits: { train: { where: 'id < 200' }, test: { where: 'id >= 200' } },
  });
  write('ml/late/model.config.json', modelConfig);
  write(
    'ml/late/train.cjs',
    `const { outputDir } = JSON.parse(require('fs').readFileSync(process.env.MLOPS_RUN, 'utf8'));
     require('fs').copyFileSync(${JSON.stringify(model)}, outputDir + '/model.onnx');`,
  );
  expect(await lock({}, context('flights'))).toEqual({ success: true });
  expect(await prepare({}, context('flights'))).toEqual({ success: true });
});

const made = (...parts: string[]) => join(root, 'ml', 'late', '.mlops', ...parts);

jest.setTimeout(60_000);

it('goes from prepared data to production and back, each executor by itself', async () => {
  expect(await train({}, context('late'))).toEqual({ success: true });
  expect(await evaluate({}, context('late'))).toEqual({ success: true });
  const evaluation = await readManifest(made('evaluation', 'evaluation.json'), evaluationSchema, 'evaluate');
  expect(evaluation).toMatchObject({ classes: [false, true], metrics: { 'roc-auc': 1, accuracy: 1 } });
  expect(evaluation.test).toMatchObject({ dataset: 'flights', split: 'test', rows: 200 });
  expect(await gate({}, context('late'))).toEqual({ success: true });
  expect(readFileSync(made('gate', 'report.md'), 'utf8')).toContain('# late: ✅ gates passed');

  expect(await deploy({}, context('late'))).toEqual({ success: true });
  expect(await promote({}, context('late', 'production'))).toEqual({ success: true });
  const { deployments } = await openRegistry('file:.mlops/registry', root).state('late');
  expect([...deployments.keys()]).toEqual(['staging', 'production']);
  expect(await history({}, context('late', 'production'))).toEqual({ success: true });
  expect(printed.join('\n')).toMatch(/production serves version 1/);

  expect(await rollback({}, context('late'))).toEqual({ success: false });
  expect(printed.join('\n')).toMatch(/MLOPS_NO_ROLLBACK_TARGET/);
});

it('fails a gate that does not hold, says which, and then deploys nothing', async () => {
  write('ml/late/model.config.json', {
    ...modelConfig,
    evaluation: { gates: [{ metric: 'log-loss', max: 0.1 }] },
  });
  expect(await gate({}, context('late'))).toEqual({ success: false });
  expect(printed.join('\n')).toMatch(
    /Failed: log-loss <= 0\.1\. Log loss is 0\.\d+, 0\.\d+ above the maximum of 0\.1 \(95 % interval/,
  );
  const report = await readManifest(made('gate', 'gate.json'), gateReportSchema, 'gate');
  expect(report.passed).toBe(false);
  expect(readdirSync(made('gate')).sort()).toEqual([
    'MODEL_CARD.md',
    'gate.json',
    'junit.xml',
    'metrics.txt',
    'report.html',
    'report.md',
  ]);
  expect(await deploy({}, context('late', 'production'))).toEqual({ success: false });
  expect(printed.join('\n')).toMatch(/MLOPS_GATE_NOT_PASSED/);
});

it('passes without gates, and says that there are none', async () => {
  write('ml/late/model.config.json', { ...modelConfig, evaluation: {} });
  expect(await gate({}, context('late'))).toEqual({ success: true });
  expect(printed.join('\n')).toMatch(/late has no gates, so every model passes/);
});

it.each([
  [
    'a dataset that is not there',
    { train: 'fligths:train', test: 'flights:test' },
    /no project "fligths"\. Did you mean "flights"\?/,
  ],
  [
    'a split that is not there',
    { train: 'flights:trian', test: 'flights:test' },
    /data\/flights\/dataset\.config\.json: splits: The dataset "flights" has no split "trian"\. Did you mean "train"\?/,
  ],
])('train names the nearest of %s', async (_what, datasets, message) => {
  write('ml/late/model.config.json', { ...modelConfig, datasets });
  expect(await train({}, context('late'))).toEqual({ success: false });
  expect(printed.join('\n')).toMatch(message);
});
