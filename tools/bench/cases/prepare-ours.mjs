import { createRequire } from 'node:module';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Our `prepare` stage on a dataset of a workspace, into an empty store. */
export default async function prepareOurs({ workspaceRoot, name, root }) {
  const { prepareDataset } = require('../../../packages/nx-mlops/dist/data/prepare/prepare-dataset');
  const { datasetConfigSchema, parseConfig } = require('@nx-mlops/core');
  const { readFile } = require('node:fs/promises');
  const folder = join(workspaceRoot, root);
  const config = parseConfig(
    await readFile(join(folder, 'dataset.config.json'), 'utf8'),
    datasetConfigSchema,
    'dataset.config.json',
  );
  await rm(join(workspaceRoot, '.mlops/store'), { recursive: true, force: true });
  const start = performance.now();
  const manifest = await prepareDataset({ workspaceRoot, name, root, folder }, config, {
    print: () => undefined,
  });
  return {
    seconds: (performance.now() - start) / 1000,
    rows: Object.values(manifest.splits).reduce((sum, split) => sum + split.rows, 0),
  };
}
