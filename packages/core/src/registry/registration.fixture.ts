import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from '../files/sha256';
import type { RegisterInput } from './registry';

/** A model that passed its gates, whose file holds `content`; other content is another model. */
export function registrationOf(folder: string, content: string, model = 'flight-delay'): RegisterInput {
  const file = join(mkdtempSync(join(folder, 'trained ')), 'model.onnx');
  writeFileSync(file, content);
  const sha256 = sha256OfBytes(content);
  return {
    model,
    files: { 'model.onnx': file },
    manifest: {
      version: 1,
      model,
      task: 'regression',
      file: { sha256, size: Buffer.byteLength(content) },
      features: [{ name: 'distance', type: 'number' }],
      target: 'delay',
      inputLayout: 'matrix',
      inputs: [{ name: 'x', type: 'float32', shape: [-1, 1] }],
      outputs: [{ name: 'y', type: 'float32', shape: [-1, 1] }],
      scoreOutput: 'y',
      datasets: { train: { dataset: 'flights', split: 'train', sha256: sha256OfBytes('rows'), rows: 3 } },
    },
    metrics: { rmse: 1.5, r2: null },
    gates: {
      version: 2,
      model,
      modelSha256: sha256,
      evaluationSha256: sha256OfBytes('evaluation'),
      passed: true,
      verdict: 'pass',
      gates: [],
      baselines: [],
    },
    provenance: { commit: 'abc', seed: 7, params: { epochs: 5 } },
    actor: 'ada',
  };
}
