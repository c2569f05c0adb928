/**
 * One of our dataset stages as a process of its own, from the built package, with what an executor would do around it:
 * `node stage-ours.mjs '{"stage":"lock","workspaceRoot":…,"name":…,"root":…}'`. Its last line is JSON.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const built = (module) => require(`../../../packages/nx-mlops/dist/data/${module}`);
const io = { print: () => undefined };
const readConfigText = ({ folder }) => readFile(join(folder, 'dataset.config.json'), 'utf8');

/** Each loads its stage and gives a function that runs it and says what the figure wants to know of the result. */
const stages = {
  lock: () => {
    const { lockProject } = built('lock/lock-project');
    return async (project) => {
      const { total, written } = await lockProject(project, await readConfigText(project), io);
      return { files: total.files, written };
    };
  },
  validate: () => {
    const { validateDataset } = built('validate/validate-dataset');
    const { datasetConfigSchema, parseConfig } = require('@nx-mlops/core');
    return async (project) => {
      const text = await readConfigText(project);
      const config = parseConfig(text, datasetConfigSchema, 'dataset.config.json');
      const { passed, checks } = await validateDataset(project, config, io);
      return { passed, checks: checks.length };
    };
  },
  push: () => {
    const { pushDataset } = built('remote/push-dataset');
    const { openRequiredRemote } = built('remote/open-remote');
    return async (project) => {
      const { files } = await pushDataset(project, await openRequiredRemote(project.workspaceRoot), io);
      return { files };
    };
  },
  pull: () => {
    const { pullDataset } = built('remote/pull-dataset');
    const { openRequiredRemote } = built('remote/open-remote');
    return async (project) => {
      const { placed } = await pullDataset(project, await openRequiredRemote(project.workspaceRoot), io);
      return { files: placed };
    };
  },
};

const { stage, workspaceRoot, name, root } = JSON.parse(process.argv[2]);
const run = stages[stage]();
const folder = join(workspaceRoot, root);
const start = performance.now();
const result = await run({ workspaceRoot, name, root, folder });
const seconds = (performance.now() - start) / 1000;
const answer = { seconds, peakMegabytes: process.resourceUsage().maxRSS / 1024, ...result };
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
