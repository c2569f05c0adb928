import type { ModelManifest } from '@nx-mlops/core';
import type { LoadedModel } from '@nx-mlops/runtime';

const manifest: ModelManifest = {
  version: 1,
  model: 'fake',
  task: 'custom',
  file: { sha256: '0'.repeat(64), size: 0 },
  features: [{ name: 'x', type: 'number' }],
  target: 'y',
  inputLayout: 'custom',
  inputs: [{ name: 'x', type: 'float32', shape: [-1] }],
  outputs: [{ name: 'y', type: 'float32', shape: [-1] }],
  datasets: {},
};

/** A model that predicts nothing and tells whether it was released. */
export function fakeModel(): LoadedModel & { readonly released: boolean } {
  let released = false;
  return {
    manifest,
    predict: async () => new Float32Array(0),
    run: async () => ({}),
    release: async () => void (released = true),
    get released() {
      return released;
    },
  };
}
