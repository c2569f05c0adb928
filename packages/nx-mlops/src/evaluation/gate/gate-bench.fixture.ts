import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  directionOf,
  measureSample,
  metricIntervals,
  mlopsConfigSchema,
  modelConfigSchema,
  openRegistry,
  sha256OfFile,
  type Column,
  type Evaluation,
  type GateReport,
  type MetricName,
  type ModelConfig,
  type ModelManifest,
  type Registry,
} from '@nx-mlops/core';
import { inspectModel, matchSignature } from '@nx-mlops/runtime';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../../data/duckdb';
import { deployModel } from '../../rollout/deploy';
import { fakeTools } from '../../rollout/tools.fixture';
import type { LocalSplit, ProjectFolder } from '../../training/project-folder';
import { predictSample } from '../predict-sample';
import { writePredictions } from '../write-predictions';
import { gateModel, type GateRequest } from './gate-model';

tmp.setGracefulCleanup();

/** A model of packages/runtime/src/fixtures; see tools/golden/make-onnx-fixtures.py for what they compute. */
export interface BenchModel {
  readonly file: string;
  readonly task: ModelManifest['task'];
  readonly features: readonly Column[];
  readonly classes?: ModelManifest['classes'];
  readonly target?: string;
}

/** Prediction x + 1, and x + 2. */
export const plus1: BenchModel = {
  file: 'plus-1.onnx',
  task: 'regression',
  features: [{ name: 'x', type: 'number' }],
};
export const plus2: BenchModel = { ...plus1, file: 'plus-2.onnx' };

/** A workspace with a model project, a registry, and whatever a test puts there; real files throughout. */
export interface GateBench {
  readonly project: ProjectFolder;
  readonly registry: Registry;
  readonly printed: string[];
  /** How often the test split was asked for by a gate. */
  readonly opened: () => number;
  /** Makes a split of a SQL query. */
  readonly split: (sql: string, columns: readonly Column[]) => Promise<LocalSplit>;
  /** Trains and evaluates: leaves a model and its evaluation on the split. */
  readonly evaluate: (
    model: BenchModel,
    test: LocalSplit,
    options?: { readonly evaluation?: object; readonly threshold?: number },
  ) => Promise<Evaluation>;
  /** Judges what lies there by these gates. */
  readonly gate: (gates: readonly object[], changes?: Partial<GateRequest>) => Promise<GateReport>;
  /** Judges it by no gates, registers it and makes an environment serve it. */
  readonly deploy: (environment?: string) => Promise<void>;
  readonly file: (...path: string[]) => string;
}

export function gateBench(): GateBench {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const folder = join(workspaceRoot, 'ml', 'late');
  mkdirSync(folder, { recursive: true });
  const project = { workspaceRoot, name: 'late', root: 'ml/late', folder };
  const mlops = mlopsConfigSchema.parse({ environments: [{ name: 'staging' }, { name: 'production' }] });
  const registry = openRegistry(mlops.registry, workspaceRoot);
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const { signal } = new AbortController();
  let opened = 0;
  let splits = 0;
  let present: { readonly config: ModelConfig; readonly test: LocalSplit } | undefined;

  const bench: GateBench = {
    project,
    registry,
    printed,
    opened: () => opened,
    file: (...path) => join(folder, '.mlops', ...path),
    async split(sql, columns) {
      const path = join(workspaceRoot, `split-${(splits += 1)}.parquet`);
      const rows = await withDuckDb({}, async (connection) => {
        await connection.run(`COPY (${sql}) TO ${sqlString(path)} (FORMAT parquet)`);
        const reader = await connection.runAndReadAll(
          `SELECT count(*) FROM read_parquet(${sqlString(path)})`,
        );
        return Number(reader.getRows()[0]?.[0]);
      });
      const file = { sha256: await sha256OfFile(path), size: statSync(path).size };
      return {
        path,
        manifest: { version: 1, dataset: 'd', split: 'test', file, rows, columns: [...columns] },
      };
    },
    async evaluate(model, test, { evaluation: settings = {}, threshold = 0.5 } = {}) {
      const config = modelConfigSchema.parse({
        task: model.task,
        datasets: { train: 'd:train', test: 'd:test' },
        features: model.features.map(({ name }) => name),
        target: model.target ?? 'target',
        training: { entry: 'train.js' },
        evaluation: { ...settings, threshold },
      });
      const manifest = await trained(bench, model);
      const modelFile = bench.file('model', 'model.onnx');
      const sample = await predictSample({ modelFile, manifest, test, config, signal });
      const names: MetricName[] = model.task === 'regression' ? ['mae'] : ['accuracy'];
      const { dataset, split, file, rows } = test.manifest;
      const evaluationFolder = bench.file('evaluation');
      rmSync(evaluationFolder, { recursive: true, force: true });
      mkdirSync(evaluationFolder);
      const evaluation: Evaluation = {
        version: 2,
        model: 'late',
        task: model.task,
        modelSha256: manifest.file.sha256,
        modelSize: manifest.file.size,
        test: { dataset, split, sha256: file.sha256, rows },
        confidence: 0.95,
        metrics: measureSample(sample, names),
        intervals: metricIntervals(sample, names, { confidence: 0.95 }),
        directions: Object.fromEntries(names.map((name) => [name, directionOf(name) ?? 'higher'])),
        baseline: { strategy: 'none', metrics: {} },
        ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
        ...(sample.task === 'binary-classification' ? { threshold } : {}),
        slices: [],
        fairness: [],
        warnings: [],
        predictions: await writePredictions(evaluationFolder, { sample, slices: [] }),
      };
      writeFileSync(bench.file('evaluation', 'evaluation.json'), canonicalJson(evaluation));
      present = { config, test };
      return evaluation;
    },
    async gate(gates, changes = {}) {
      if (present === undefined) throw new Error('evaluate first');
      const { config, test } = present;
      return gateModel({
        project,
        config: modelConfigSchema.parse({ ...config, evaluation: { ...config.evaluation, gates } }),
        defaultBase: 'main',
        env: {},
        openRegistry: () => Promise.resolve({ mlops, registry }),
        openTest: () => {
          opened += 1;
          return Promise.resolve(test);
        },
        readProfile: () => Promise.resolve(undefined),
        print,
        signal,
        ...changes,
      });
    },
    async deploy(environment = 'production') {
      await bench.gate([]);
      await deployModel({ project, mlops, registry, actor: 'ann', print, environment, tools: fakeTools() });
    },
  };
  return bench;
}

async function trained(
  { file: fileOf }: GateBench,
  { file, task, features, classes, target = 'target' }: BenchModel,
): Promise<ModelManifest> {
  mkdirSync(fileOf('model'), { recursive: true });
  const modelFile = fileOf('model', 'model.onnx');
  copyFileSync(join(__dirname, '../../../../runtime/src/fixtures', file), modelFile);
  const { inputs, outputs } = await inspectModel(modelFile);
  const manifest: ModelManifest = {
    version: 1,
    model: 'late',
    task,
    file: { sha256: await sha256OfFile(modelFile), size: statSync(modelFile).size },
    features: [...features],
    target,
    ...(classes === undefined ? {} : { classes }),
    ...matchSignature({ inputs, outputs, features, task, classes }),
    inputs,
    outputs,
    datasets: {},
  };
  writeFileSync(fileOf('model', 'model.manifest.json'), canonicalJson(manifest));
  return manifest;
}
