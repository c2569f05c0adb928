/**
 * One of our dataset stages as a process of its own, from the built package, with what an executor would do around it:
 * `node stage-ours.mjs '{"stage":"lock","workspaceRoot":…,"name":…,"root":…}'`. Its last line is JSON.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const stages = {
  lock: () => require('../../../packages/nx-mlops/dist/data/lock/lock-dataset').lockDataset,
  validate: () => require('../../../packages/nx-mlops/dist/data/validate/validate-dataset').validateDataset,
};

const { stage, workspaceRoot, name, root } = JSON.parse(process.argv[2]);
const run = stages[stage]();
const { datasetConfigSchema, parseConfig } = require('@nx-mlops/core');
const folder = join(workspaceRoot, root);
const config = parseConfig(
  await readFile(join(folder, 'dataset.config.json'), 'utf8'),
  datasetConfigSchema,
  'dataset.config.json',
);
const start = performance.now();
const result = await run({ workspaceRoot, name, root, folder }, config, { print: () => undefined });
const seconds = (performance.now() - start) / 1000;
const answer = {
  seconds,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
  ...(stage === 'lock'
    ? {
        files: result.total.files,
        written: result.written,
      }
    : { passed: result.passed, checks: result.checks.length }),
};
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
