import { constants } from 'node:os';
import { seedGlobalRandom } from '../random/global-random';
import { prepareTensorFlow } from '../tensorflow';
import { failureMessage } from './failure-message';
import { openRun } from './open-run';
import type { TrainingRun } from './training-run';

/**
 * The frame of a training script:
 *
 * ```ts
 * runTraining(async (run) => {
 *   const encoder = await run.fitEncoder('train');
 *   …
 * });
 * ```
 *
 * It opens the run, makes `Math.random` repeat for its seed, waits for the backend of TensorFlow.js, tells a failure in one
 * paragraph and sets the exit code. On Ctrl-C `run.fit` saves a checkpoint and stops; a second one ends the process at once.
 */
export function runTraining(train: (run: TrainingRun) => Promise<void>): void {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    controller.abort(signal);
    // A script that neither calls run.fit nor looks at run.signal would not notice.
    setTimeout(() => process.exit(interruptedCode(signal)), GRACE_MILLISECONDS).unref();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  void performTraining(train, { env: process.env, signal: controller.signal }).then((outcome) => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    if (outcome.message !== undefined) process.stderr.write(`${outcome.message}\n`);
    process.exitCode = outcome.exitCode;
  });
}

/** How long a training that was asked to stop may take to save its checkpoint. */
const GRACE_MILLISECONDS = 10_000;

export interface TrainingOutcome {
  /** 0, 1 for a failure, 128 and the signal's number when it was interrupted. */
  readonly exitCode: number;
  /** What to tell when it failed. */
  readonly message?: string;
}

/** Runs a training to its end, however that is. Never throws. */
export async function performTraining(
  train: (run: TrainingRun) => Promise<void>,
  { env, signal }: { env: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<TrainingOutcome> {
  let restoreRandom = () => {};
  try {
    const run = await openRun({ env, signal });
    await prepareTensorFlow();
    // After TensorFlow.js is loaded, which draws a number too, the first time.
    restoreRandom = seedGlobalRandom(run.seed);
    await train(run);
    return { exitCode: 0 };
  } catch (error) {
    const exitCode = signal.aborted ? interruptedCode(signal.reason as NodeJS.Signals) : 1;
    return { exitCode, message: failureMessage(error, env['NX_VERBOSE_LOGGING'] === 'true') };
  } finally {
    restoreRandom();
  }
}

/** 128 and the signal's number, as a shell gives it. */
function interruptedCode(signal: NodeJS.Signals): number {
  return 128 + (constants.signals[signal] ?? constants.signals.SIGINT);
}
