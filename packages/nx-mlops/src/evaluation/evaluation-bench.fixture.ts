import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  modelConfigSchema,
  sha256OfFile,
  type Column,
  type ModelManifest,
} from '@nx-mlops/core';
import { inspectModel, matchSignature } from '@nx-mlops/runtime';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../data/duckdb';
import type { EvaluationRequest } from './evaluate';

tmp.setGracefulCleanup();

/** Folder of ONNX files. */
export const modelFixtures = join(__dirname, '../../../runtime/src/fixtures');

/** A model of the fixtures, as its config and manifest would say. See tools/golden/make-onnx-fixtures.py. */
const models = {
  /** P(yes) = sigmoid(amount + code of origin), JFK is 1, LAX 2, others 0. */
  binary: {
    file: 'columns-binary-n.onnx',
    task: 'binary-classification',
    features: [
      { name: 'amount', type: 'number' },
      { name: 'origin', type: 'string' },
    ],
    classes: ['no', 'yes'] as ModelManifest['classes'],
  },
  /** softmax of [first, second, first + second]. */
  multiclass: {
    file: 'matrix-multiclass.onnx',
    task: 'multiclass-classification',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: ['a', 'b', 'c'] as ModelManifest['classes'],
  },
  /** 2 · first + 3 · second + 1. */
  regression: {
    file: 'matrix-regression.onnx',
    task: 'regression',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: undefined,
  },
  /** The same, of a task that is none of ours. */
  custom: {
    file: 'matrix-regression.onnx',
    task: 'custom',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: undefined,
  },
  /** The same as a score. */
  ranking: {
    file: 'matrix-regression.onnx',
    task: 'ranking',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: undefined,
  },
} satisfies Record<
  string,
  { file: string; task: ModelManifest['task']; features: Column[]; classes: ModelManifest['classes'] }
>;

export interface EvaluationBench {
  readonly folder: string;
  readonly request: EvaluationRequest;
  readonly printed: string[];
  readonly abort: AbortController;
}

/** A project with a trained model and a test split made by a SQL query. */
export async function evaluationBench(
  kind: keyof typeof models,
  rows: string,
  columns: Column[],
  evaluation: object = {},
  config: object = {},
): Promise<EvaluationBench> {
  const { file, task, features, classes } = models[kind];
  const workspaceRoot = tmp.dirSync({ unsafeCleanup: true }).name;
  const folder = join(workspaceRoot, 'ml', 'model');
  const modelFolder = join(folder, '.mlops', 'model');
  mkdirSync(modelFolder, { recursive: true });
  const modelFile = join(modelFolder, 'model.onnx');
  copyFileSync(join(modelFixtures, file), modelFile);
  const { inputs, outputs } = await inspectModel(modelFile);
  const manifest: ModelManifest = {
    version: 1,
    model: 'late',
    task,
    file: { sha256: await sha256OfFile(modelFile), size: statSync(modelFile).size },
    features,
    target: 'target',
    classes,
    ...matchSignature({ inputs, outputs, features, task, classes }),
    inputs,
    outputs,
    datasets: {},
  };
  writeFileSync(join(modelFolder, 'model.manifest.json'), canonicalJson(manifest));

  const path = join(workspaceRoot, 'test.parquet');
  const count = await withDuckDb({}, async (connection) => {
    await connection.run(`COPY (${rows}) TO ${sqlString(path)} (FORMAT parquet)`);
    const reader = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${sqlString(path)})`);
    return Number(reader.getRows()[0]?.[0]);
  });
  const printed: string[] = [];
  const abort = new AbortController();
  const request: EvaluationRequest = {
    env: process.env,
    project: { workspaceRoot, name: 'late', root: 'ml/model', folder },
    config: modelConfigSchema.parse({
      task,
      datasets: { train: 'd:train', test: 'd:test' },
      features: features.map(({ name }) => name),
      target: 'target',
      training: { entry: 'train.js' },
      evaluation,
      ...config,
    }),
    test: {
      path,
      manifest: {
        version: 1,
        dataset: 'd',
        split: 'test',
        file: { sha256: 'b'.repeat(64), size: 1 },
        rows: count,
        columns,
      },
    },
    signal: abort.signal,
    print: (line) => printed.push(line),
  };
  return { folder, request, printed, abort };
}
