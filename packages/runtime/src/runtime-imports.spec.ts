import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '@nx-mlops/core';
import { loadModel } from './index';

jest.mock('zod', () => {
  throw new Error('zod was loaded');
});

describe('an app that predicts', () => {
  it('pays for no schema of a config', async () => {
    const file = join(__dirname, 'fixtures', 'plus-1.onnx');
    const bytes = readFileSync(file);
    const tensor = (name: string) => ({ name, type: 'float32', shape: [-1] }) as const;
    const manifest = {
      model: 'plus-1',
      task: 'regression',
      file: { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length },
      features: [{ name: 'x', type: 'number' }],
      inputLayout: 'columns',
      inputs: [tensor('x')],
      outputs: [tensor('scores')],
      scoreOutput: 'scores',
    } as unknown as ModelManifest;
    const model = await loadModel({ file, manifest });
    expect([...(await model.predict({ rows: 2, columns: { x: Float32Array.of(1, 2) } }))]).toEqual([2, 3]);
    await model.release();
  });
});
