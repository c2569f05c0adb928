import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  layout,
  writeAtomically,
  type EvaluationRun,
  type ModelConfig,
  type ModelManifest,
  type RunSplit,
} from '@nx-mlops/core';
import { runScript } from '../../processes/run-script';
import { scriptCommand } from '../../processes/script-command';
import type { LocalSplit, ProjectFolder } from '../../training/project-folder';

/** Threads that a script is told to use; one keeps a rerun the same in most frameworks. */
const scriptThreads = 1;

export interface EvaluationScriptRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly manifest: ModelManifest;
  /** Absolute path of the model. */
  readonly modelFile: string;
  readonly test: LocalSplit;
  readonly validation?: LocalSplit;
  /** Absolute, there; the run context and the output folder are made in it. */
  readonly folder: string;
  /** Environment of our own process: the script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Milliseconds between SIGTERM and SIGKILL when the script is stopped. @default 10 000 */
  readonly grace?: number;
}

/**
 * Runs the script that a config names in `evaluation.entry` or `evaluation.command`.
 *
 * @returns its output folder, absolute; what it left there is not checked yet
 * @throws MlopsError MLOPS_ENTRY_MISSING, MLOPS_ENTRY_UNKNOWN, MLOPS_PYTHON_MISSING before it runs;
 *   MLOPS_EVALUATION_FAILED with its last lines of output; the reason of the signal when that was aborted
 */
export async function runEvaluationScript(request: EvaluationScriptRequest): Promise<string> {
  const { project, config, folder, env, signal, print, grace } = request;
  const { entry, command: argv, timeoutMinutes } = config.evaluation;
  const location = { file: `${project.root}/${layout.modelConfig}`, path: 'evaluation' };
  const command = scriptCommand(project, { entry, command: argv, location }, env);
  const outputDir = join(folder, 'output');
  await mkdir(outputDir);
  const context = evaluationRun(request, outputDir);
  const contextFile = join(folder, 'run.json');
  await writeAtomically(contextFile, canonicalJson(context));
  print(`Running ${command.shown}`);
  await runScript({
    code: 'MLOPS_EVALUATION_FAILED',
    subject: `The evaluation of "${project.name}"`,
    configPath: 'evaluation',
    timeoutMinutes,
    project,
    command,
    contextFile,
    seed: context.seed,
    threads: context.threads,
    env,
    signal,
    print,
    grace,
  });
  return outputDir;
}

function evaluationRun(request: EvaluationScriptRequest, outputDir: string): EvaluationRun {
  const { project, config, manifest, modelFile, test, validation } = request;
  return {
    version: 1,
    model: project.name,
    task: manifest.task,
    modelFile,
    features: manifest.features,
    target: manifest.target,
    ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
    customMetrics: Object.keys(config.evaluation.customMetrics),
    params: config.evaluation.params,
    seed: config.training.seed,
    threads: scriptThreads,
    datasets: {
      test: runSplit(test),
      ...(validation === undefined ? {} : { validation: runSplit(validation) }),
    },
    outputDir,
  };
}

function runSplit({ manifest, path }: LocalSplit): RunSplit {
  const { dataset, split, rows, columns } = manifest;
  return { dataset, split, path, rows, columns };
}
