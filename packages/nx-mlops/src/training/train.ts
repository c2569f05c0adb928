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
import { formatCount, formatDuration, formatNumber, plural } from '../reporting/format';
import { textTable } from '../reporting/table';
import { removeAbandoned } from './abandoned-folders';
import { checkpointKey, openCheckpoints, type CheckpointFolder } from './checkpoints';
import { gitState } from './git-state';
import { distinctValues } from './distinct-values';
import { finalMetrics, followLines, parseMetricLine, parseMetricLog, type LoggedStep } from './metric-log';
import { describeModel } from './model-manifest';
import { orderClasses } from './order-classes';
import { advance, progressLine, type ProgressState } from './progress';
import type { ProjectFolder } from './project-folder';
import { buildRunContext, modelColumns, type TrainingSplits } from './run-context';
import { runProcess } from './run-process';
import { throttle } from './throttle';
import { trainingCommand, trainingEnvironment, type TrainingCommand } from './training-command';
import { trainingCurve } from './training-curve';
import { OutputTail, trainingFailure } from './training-failure';

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

/** How often a line of progress is printed at most, and the log looked at. Milliseconds. */
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
  const command = trainingCommand(project, config.training, env);
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
  command: TrainingCommand,
  context: RunContext,
  contextFile: string,
  now: () => Date,
): Promise<TrainingResult> {
  const { project, splits, signal, print } = request;
  const { outputDir } = context;
  const startedAt = now();
  const git = await gitState(project.folder);
  await runScript(request, command, context, contextFile);
  const manifest = await describeModel(context, splits, signal);
  const steps = await readLog(context, print);
  const record = runRecord(request, { startedAt, finishedAt: now(), git, steps });
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
  if (config.task === 'regression' || config.task === 'custom') return undefined;
  return orderClasses(project, config, await distinctValues(splits.train.path, target, signal));
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
  command: TrainingCommand,
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

async function runScript(
  { project, config, env, signal, print, grace }: TrainingRequest,
  command: TrainingCommand,
  context: RunContext,
  contextFile: string,
): Promise<void> {
  const tail = new OutputTail();
  const bars = throttle(print, progressInterval, () => performance.now());
  const progress = followProgress(join(context.outputDir, layout.metricLog), print);
  const { timeoutMinutes } = config.training;
  try {
    const end = await runProcess({
      command: command.argv,
      cwd: project.folder,
      env: {
        ...trainingEnvironment(env, { contextFile, threads: context.threads, seed: context.seed }),
        ...command.env,
      },
      signal,
      ...(timeoutMinutes === undefined ? {} : { timeout: timeoutMinutes * 60_000 }),
      ...(grace === undefined ? {} : { grace }),
      onLine(line) {
        tail.push(line);
        if (line.transient) return bars.push(line.text);
        bars.flush();
        print(line.text);
      },
    });
    const failure = trainingFailure(end, {
      model: project.name,
      shown: command.shown,
      ...(timeoutMinutes === undefined ? {} : { timeoutMinutes }),
      tail,
    });
    if (failure !== undefined) throw failure;
  } finally {
    bars.flush();
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
