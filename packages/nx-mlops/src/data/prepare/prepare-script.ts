import {
  canonicalJson,
  layout,
  writeAtomically,
  type DatasetConfig,
  type PrepareRun,
  type prepareScriptOf,
} from '@nx-mlops/core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runScript } from '../../processes/run-script';
import { scriptCommand } from '../../processes/script-command';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import type { LocalSplit } from '../local-split';
import type { PrepareInputs } from './prepare-inputs';

/** Threads that a script is told to use; one keeps a rerun the same in most frameworks. */
const scriptThreads = 1;

export type PrepareScript = NonNullable<ReturnType<typeof prepareScriptOf>>;

export interface PrepareScriptRun extends StageIo {
  readonly project: DatasetProject;
  readonly config: DatasetConfig;
  readonly script: PrepareScript;
  readonly inputs: PrepareInputs;
  /** Absolute; the run context and the output folder are made here. */
  readonly folder: string;
  /** Environment of our own process: the script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds between SIGTERM and SIGKILL when the script is stopped. @default 10 000 */
  readonly grace?: number;
}

/**
 * Runs the script that prepares a dataset.
 *
 * @returns its output folder, absolute; what it left there is not checked yet
 * @throws MlopsError MLOPS_ENTRY_MISSING, MLOPS_ENTRY_UNKNOWN, MLOPS_PYTHON_MISSING before it runs;
 *   MLOPS_PREPARE_FAILED with its last lines of output; the reason of the signal when that was aborted
 */
export async function runPrepareScript(run: PrepareScriptRun): Promise<string> {
  const { project, script, folder, env, print, signal, grace } = run;
  const location = { file: nameOfFile(project, layout.datasetConfig), path: 'prepare' };
  const command = scriptCommand(project, { ...script, location }, env);
  const outputDir = join(folder, 'output');
  await mkdir(outputDir);
  const context = prepareRun(run, outputDir);
  const contextFile = join(folder, 'run.json');
  await writeAtomically(contextFile, canonicalJson(context));
  print(`Running ${command.shown}`);
  await runScript({
    code: 'MLOPS_PREPARE_FAILED',
    subject: `The preparing of "${project.name}"`,
    configPath: 'prepare',
    timeoutMinutes: script.timeoutMinutes,
    project,
    command,
    contextFile,
    seed: context.seed,
    threads: context.threads,
    env,
    signal: signal ?? new AbortController().signal,
    print,
    grace,
  });
  return outputDir;
}

function prepareRun({ project, script, inputs }: PrepareScriptRun, outputDir: string): PrepareRun {
  return {
    version: 1,
    dataset: project.name,
    sources: Object.fromEntries(
      [...inputs.files].map(([name, { format, files }]) => [name, { format, files: [...files] }]),
    ),
    datasets: Object.fromEntries([...inputs.splits].map(([name, split]) => [name, runSplit(split)])),
    params: script.params,
    seed: script.seed,
    threads: scriptThreads,
    outputDir,
  };
}

function runSplit({ manifest, path }: LocalSplit): PrepareRun['datasets'][string] {
  const { dataset, split, rows, columns } = manifest;
  return { dataset, split, path, rows, columns };
}
