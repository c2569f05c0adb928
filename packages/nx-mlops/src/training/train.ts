import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  canonicalJson,
  layout,
  writeAtomically,
  type ClassLabel,
  type Column,
  type ModelConfig,
  type ModelManifest,
  type RunContext,
  type RunRecord,
} from '@nx-mlops/core';
import { explainFailure } from '../data/explain-failure';
import { replaceFolder } from '../data/replace-folder';
import { runScript } from '../processes/run-script';
import { scriptCommand, type ScriptCommand } from '../processes/script-command';
import { formatCount, formatDuration, formatNumber, plural } from '../reporting/format';
import { textTable } from '../reporting/table';
import { removeAbandoned } from './abandoned-folders';
import { checkpointKey, openCheckpoints, type CheckpointFolder } from './checkpoints';
import { environmentLock, type EnvironmentLock } from './environment-lock';
import { gitState } from './git-state';
import { packageVersion } from '../package-version';
import { distinctValues } from './distinct-values';
import { finalMetrics, followLines, parseMetricLine, parseMetricLog, type LoggedStep } from './metric-log';
import { describeModel } from './model-manifest';
import { orderClasses } from './order-classes';
import { advance, progressLine, type ProgressState } from './progress';
import type { ProjectFolder } from './project-folder';
import { buildRunContext, modelColumns, type TrainingSplits } from './run-context';
import { trainingCurve } from './training-curve';

export interface TrainingRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly splits: TrainingSplits;
  /** Environment of our own process: the script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** @default the clock of the system */
  readonly now?: () => Date;
  /** Milliseconds between SIGTERM and SIGKILL when the training is stopped. @default 10 000 */
  readonly grace?: number;
}

/** How often the log is looked at and a line of progress printed at most. Milliseconds. */
const progressInterval = 1000;

/**
 * Trains a model: runs its script, checks what it left, and moves the result into place in one rename.
 *
 * Whatever fails, the former result is untouched, nothing of the script lives on, and its checkpoints stay for the next
 * attempt with the same inputs.
 *
 * @returns the manifest of the new model
 * @throws MlopsError MLOPS_TRAINING_FAILED with the last lines of output, MLOPS_TRAINING_NO_MODEL,
 *   MLOPS_MODEL_UNREADABLE, MLOPS_MODEL_SIGNATURE; MLOPS_UNKNOWN_COLUMN, MLOPS_CLASSES and the like before the script
 *   runs; the reason of the signal when that was aborted
 */
export async function trainModel(request: TrainingRequest): Promise<ModelManifest> {
  const { project, config, splits, env, signal, print, now = () => new Date() } = request;
  const columns = modelColumns(project, config, splits);
  const command = scriptCommand(
    project,
    { ...config.training, location: { file: `${project.root}/${layout.modelConfig}`, path: 'training' } },
    env,
  );
  const classes = await classesOf(request, columns.target);

  const target = join(project.folder, layout.model);
  const run = join(project.folder, '.mlops', 'run');
  const runFolder = `${run}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await removeAbandoned(target, now().getTime());
  await removeAbandoned(run, now().getTime());
  const checkpoints = await checkpointsOf(request);
  try {
    let result: TrainingResult | undefined;
    await replaceFolder(target, async (outputDir) => {
      const context = buildRunContext({
        project,
        config,
        splits,
        columns,
        ...(classes === undefined ? {} : { classes }),
        outputDir,
        checkpointDir: checkpoints.path,
      });
      const contextFile = join(runFolder, 'context.json');
      await writeAtomically(contextFile, canonicalJson(context));
      announce(request, command, checkpoints);
      result = await trainInto(request, command, context, contextFile, now);
      signal.throwIfAborted();
    });
    const { manifest, record } = result as TrainingResult;
    await checkpoints.remove();
    report(request, manifest, record);
    return manifest;
  } catch (error) {
    const kept = await checkpoints.keep();
    if (kept && signal.aborted) {
      print('Its checkpoints are kept: the next training with the same inputs may go on from them.');
    } else if (checkpoints.resumes) {
      print(`It went on from checkpoints; remove ${project.root}/${layout.checkpoints} to begin anew.`);
    }
    throw explainFailure(error);
  } finally {
    await rm(runFolder, { recursive: true, force: true });
  }
}

interface TrainingResult {
  readonly manifest: ModelManifest;
  readonly record: RunRecord;
}

/** Runs the script and fills the output folder up with what we have to say about its result. */
async function trainInto(
  request: TrainingRequest,
  command: ScriptCommand,
  context: RunContext,
  contextFile: string,
  now: () => Date,
): Promise<TrainingResult> {
  const { project, splits, signal, print } = request;
  const { outputDir } = context;
  const startedAt = now();
  const git = await gitState(project.folder);
  await runTrainingScript(request, command, context, contextFile);
  const manifest = await describeModel(context, splits, signal);
  const steps = await readLog(context, print);
  const lock = await environmentLock(project.workspaceRoot, request.config.training.entry);
  const record = runRecord(request, { startedAt, finishedAt: now(), git, lock, steps });
  await writeAtomically(join(outputDir, layout.modelManifest), canonicalJson(manifest));
  await writeAtomically(join(outputDir, layout.runFile), canonicalJson(record));
  const curve = trainingCurve(project.name, steps);
  if (curve !== undefined) await writeAtomically(join(outputDir, layout.trainingCurve), curve);
  return { manifest, record };
}

async function classesOf(
  { project, config, splits, signal }: TrainingRequest,
  target: Column,
): Promise<ClassLabel[] | undefined> {
  if (!isClassification(config.task)) return undefined;
  return orderClasses(project, config, await distinctValues(splits.train.path, target, signal));
}

function isClassification(task: ModelConfig['task']): boolean {
  return task === 'binary-classification' || task === 'multiclass-classification';
}

async function checkpointsOf({ project, config, splits, env }: TrainingRequest): Promise<CheckpointFolder> {
  const { entry } = config.training;
  const entryText = entry === undefined ? undefined : await readFile(join(project.folder, entry), 'utf8');
  const nxTaskHash = env['NX_TASK_HASH'];
  const key = checkpointKey({
    config,
    splits,
    ...(entryText === undefined ? {} : { entryText }),
    ...(nxTaskHash === undefined ? {} : { nxTaskHash }),
  });
  return openCheckpoints(project, key);
}

function announce(
  { project, config, splits, print }: TrainingRequest,
  command: ScriptCommand,
  checkpoints: CheckpointFolder,
): void {
  print(`Training ${project.name} (${config.task}) with ${command.shown}`);
  for (const [role, split] of Object.entries(splits)) {
    if (split === undefined) continue;
    const { dataset, split: name, rows } = split.manifest;
    print(`  ${role}: ${dataset}:${name}, ${plural(rows, 'row')}`);
  }
  print(`  features: ${config.features.join(', ')} -> ${config.target}`);
  if (checkpoints.resumes)
    print('  An interrupted run with the same inputs left checkpoints; they are offered again.');
}

async function runTrainingScript(
  { project, config, env, signal, print, grace }: TrainingRequest,
  command: ScriptCommand,
  context: RunContext,
  contextFile: string,
): Promise<void> {
  const progress = followProgress(join(context.outputDir, layout.metricLog), print);
  try {
    await runScript({
      code: 'MLOPS_TRAINING_FAILED',
      subject: `The training of "${project.name}"`,
      configPath: 'training',
      afterTimeout: 'Its checkpoints are kept for the next attempt.',
      timeoutMinutes: config.training.timeoutMinutes,
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
  } finally {
    await progress.stop();
  }
}

/** Prints a line of progress as the script appends to its metric log, about one a second. */
function followProgress(file: string, print: (line: string) => void): { stop: () => Promise<void> } {
  const next = followLines(file);
  const startedAt = performance.now() / 1000;
  let state: ProgressState | undefined;
  const look = async () => {
    const before = state;
    for (const line of await next()) {
      const parsed = parseMetricLine(line);
      if (parsed.kind === 'step') state = advance(state, parsed.step, performance.now() / 1000, startedAt);
    }
    if (state !== undefined && state !== before) print(progressLine(state));
  };
  // One look after the other, so that a slow disk cannot make two of them read the same bytes. A log that cannot be
  // read right now is looked at again a second later, and for good once the script has ended.
  let looking = Promise.resolve();
  const lookLater = () => (looking = looking.then(look).catch(() => undefined));
  const timer = setInterval(lookLater, progressInterval);
  return {
    stop: () => {
      clearInterval(timer);
      return lookLater();
    },
  };
}

async function readLog({ outputDir }: RunContext, print: (line: string) => void): Promise<LoggedStep[]> {
  const text = await readFile(join(outputDir, layout.metricLog), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const { steps, broken } = parseMetricLog(text);
  if (broken > 0) {
    print(
      `${plural(broken, 'line')} of ${layout.metricLog} could not be read and ${broken === 1 ? 'is' : 'are'} left out; a line looks like {"step":3,"loss":0.41}.`,
    );
  }
  const notFinite = Object.entries(steps.at(-1)?.metrics ?? {}).filter(
    ([, value]) => !Number.isFinite(value),
  );
  for (const [name, value] of notFinite) {
    print(`Warning: the last ${name} is ${value}; the training may have diverged.`);
  }
  return steps;
}

function runRecord(
  { project, config, env }: TrainingRequest,
  run: {
    readonly startedAt: Date;
    readonly finishedAt: Date;
    readonly git: { readonly commit?: string; readonly dirty?: boolean };
    readonly lock: EnvironmentLock | undefined;
    readonly steps: readonly LoggedStep[];
  },
): RunRecord {
  const user = userName();
  const nxTaskHash = env['NX_TASK_HASH'];
  return {
    version: 1,
    model: project.name,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    duration: (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000,
    host: hostname(),
    ...(user === undefined ? {} : { user }),
    ...run.git,
    ...(nxTaskHash === undefined ? {} : { nxTaskHash }),
    node: process.version,
    ...(run.lock === undefined ? {} : { environmentLock: run.lock }),
    nxMlops: packageVersion(),
    params: config.training.params,
    seed: config.training.seed,
    finalMetrics: finalMetrics(run.steps),
  };
}

/** A container may run as a user number that has no name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function report({ project, print }: TrainingRequest, manifest: ModelManifest, record: RunRecord): void {
  print('');
  for (const line of textTable({
    header: ['training', ''],
    rows: [
      ...Object.entries(record.finalMetrics).map(([name, value]) => [name, formatNumber(value)]),
      [
        'model',
        `${formatCount(Math.ceil(manifest.file.size / 1000))} kB, sha256 ${manifest.file.sha256.slice(0, 12)}`,
      ],
      ['inputs', `${manifest.inputLayout} (${plural(manifest.inputs.length, 'input')})`],
      ['duration', formatDuration(record.duration)],
    ],
  })) {
    print(line);
  }
  print(`Written to ${project.root}/${layout.model}`);
}
