import type { ExecutorContext } from '@nx/devkit';
import { MlopsError, messageOf } from '@nx-mlops/core';

/** What every stage gets from the executor that calls it. */
export interface StageEnvironment {
  /** Prints one plain line. */
  readonly print: (line: string) => void;
  /** Aborted by Ctrl-C and by SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs a stage as an Nx executor: an expected failure becomes one printed paragraph and `success: false`, with the
 * stack behind `--verbose`; SIGINT and SIGTERM abort the stage, which then cleans up after itself.
 *
 * @param stage returns false when it ran well but the answer is no, such as a failed gate
 */
export async function runStage(
  context: Pick<ExecutorContext, 'isVerbose'>,
  stage: (environment: StageEnvironment) => Promise<boolean | void>,
): Promise<{ success: boolean }> {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals) =>
    controller.abort(new MlopsError('MLOPS_INTERRUPTED', `Stopped by ${name}. Nothing half-done was kept.`));
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  try {
    const answer = await stage({ print: (line) => console.log(line), signal: controller.signal });
    return { success: answer !== false };
  } catch (error) {
    printFailure(controller.signal.aborted ? controller.signal.reason : error, context.isVerbose);
    return { success: false };
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

function printFailure(error: unknown, verbose: boolean): void {
  if (error instanceof MlopsError) {
    console.error(`\n${error.code} ${error.message}`);
    if (verbose) console.error(error.stack, error.cause ?? '');
  } else {
    // Not foreseen, so the stack is the best that we have.
    console.error(error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error));
  }
}

/** For `--json`: the stage's own lines are not printed, so that the output is JSON and nothing else. */
export function quietFor(stage: StageEnvironment, json: boolean | undefined): StageEnvironment {
  return json === true ? { ...stage, print: () => undefined } : stage;
}

/** Prints a stage's result for machines, where that was asked for; `null` for a dry run. */
export function printJson(stage: StageEnvironment, json: boolean | undefined, result: unknown): void {
  if (json === true) stage.print(JSON.stringify(result ?? null, null, 2));
}
