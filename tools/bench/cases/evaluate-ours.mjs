import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Our `evaluate` stage: reads the split, predicts through the runtime, computes all metrics and charts, writes them. */
export default async function evaluateOurs({ workspaceRoot, name, root, splitManifest, splitFile }) {
  const { evaluateModel } = require('../../../packages/nx-mlops/dist/evaluation/evaluate');
  const { modelConfigSchema, parseConfig } = require('@nx-mlops/core');
  const folder = join(workspaceRoot, root);
  const config = parseConfig(
    await readFile(join(folder, 'model.config.json'), 'utf8'),
    modelConfigSchema,
    'model.config.json',
  );
  const manifest = JSON.parse(await readFile(splitManifest, 'utf8'));
  const start = performance.now();
  await evaluateModel({
    project: { workspaceRoot, name, root, folder },
    config,
    test: { manifest, path: splitFile },
    env: process.env,
    signal: new AbortController().signal,
    print: () => undefined,
  });
  return { seconds: (performance.now() - start) / 1000, rows: manifest.rows };
}
