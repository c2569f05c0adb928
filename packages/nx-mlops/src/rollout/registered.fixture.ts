import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes, type RegisterInput } from '@nx-mlops/core';

/** A model that passed its gates, whose file holds `content`; other content is another model. */
export function registered(
  workspaceRoot: string,
  { model, content }: { readonly model: string; readonly content: string },
): RegisterInput {
  mkdirSync(workspaceRoot, { recursive: true });
  const file = join(mkdtempSync(join(workspaceRoot, 'trained ')), 'model.onnx');
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
      datasets: {},
    },
    metrics: { rmse: content.length },
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
    provenance: { commit: sha256.slice(0, 40), seed: 7, params: { epochs: content.length } },
    actor: 'ann',
  };
}
