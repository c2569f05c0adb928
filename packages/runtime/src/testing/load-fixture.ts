import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfFile, type ModelManifest } from '@nx-mlops/core';
import { inspectModel } from '../session/inspect-model';
import { loadModel } from '../session/load-model';
import type { LoadedModel } from '../session/loaded-model';
import { matchSignature } from '../signature/match-signature';

export type FixtureFacts = Pick<ModelManifest, 'task' | 'features' | 'classes'>;

const amountAndOrigin: FixtureFacts = {
  task: 'binary-classification',
  features: [
    { name: 'amount', type: 'number' },
    { name: 'origin', type: 'string' },
  ],
  classes: ['no', 'yes'],
};
const twoNumbers = [
  { name: 'first', type: 'number' },
  { name: 'second', type: 'number' },
] as const;
const x: FixtureFacts = { task: 'regression', features: [{ name: 'x', type: 'number' }] };

/** What the config of each fixture would say. See tools/golden/make-onnx-fixtures.py for what they compute. */
export const fixtures = {
  'columns-binary-n': amountAndOrigin,
  'columns-binary-n1': amountAndOrigin,
  'skl2onnx-binary': amountAndOrigin,
  'matrix-regression': { task: 'regression', features: [...twoNumbers] },
  'matrix-multiclass': {
    task: 'multiclass-classification',
    features: [...twoNumbers],
    classes: ['a', 'b', 'c'],
  },
  'columns-mixed': {
    task: 'regression',
    features: [
      { name: 'count', type: 'integer' },
      { name: 'flag', type: 'boolean' },
      { name: 'level', type: 'integer' },
      { name: 'price', type: 'number' },
    ],
  },
  'table-lookup': { task: 'regression', features: [{ name: 'row', type: 'integer' }] },
  echo: { task: 'custom', features: [{ name: 'f32', type: 'number' }] },
  'plus-1': x,
  'plus-2': x,
} as const satisfies Record<string, FixtureFacts>;
export type FixtureName = keyof typeof fixtures;

export function fixtureFile(name: string): string {
  return join(__dirname, '..', 'fixtures', `${name}.onnx`);
}

/** The manifest that `train` would write for a fixture. */
export async function fixtureManifest(name: FixtureName): Promise<ModelManifest> {
  const file = fixtureFile(name);
  const { inputs, outputs } = await inspectModel(file);
  const facts: FixtureFacts = fixtures[name];
  return {
    version: 1,
    model: name,
    file: { sha256: await sha256OfFile(file), size: statSync(file).size },
    ...facts,
    target: 'target',
    ...matchSignature({ inputs, outputs, ...facts }),
    inputs,
    outputs,
    datasets: { train: { dataset: 'rows', split: 'train', sha256: '0'.repeat(64), rows: 100 } },
  };
}

export async function loadFixture(name: FixtureName): Promise<LoadedModel> {
  return loadModel({ file: fixtureFile(name), manifest: await fixtureManifest(name) });
}
