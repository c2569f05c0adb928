import { seedGlobalRandom } from '../random/global-random';
import { failureMessage } from '../run/failure-message';
import { loadPrepareRun } from './load-prepare-run';
import type { PreparationRun } from './preparation-run';

/**
 * The frame of a script that prepares a dataset: opens the run, makes `Math.random` repeat for its seed, tells a failure
 * in one paragraph and sets the exit code.
 *
 * ```ts
 * runPrepare(async (run) => {
 *   await run.withDatabase((db) => run.save(db, `FROM ${run.table('flights')}`));
 * });
 * ```
 */
export function runPrepare(prepare: (run: PreparationRun) => Promise<void>): void {
  void performPrepare(prepare, process.env).then((failure) => {
    if (failure === undefined) return;
    process.stderr.write(`${failure}\n`);
    process.exitCode = 1;
  });
}

/** @returns what to tell when it failed. Never throws. */
export async function performPrepare(
  prepare: (run: PreparationRun) => Promise<void>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  let restoreRandom = () => {};
  try {
    const run = await loadPrepareRun(env);
    restoreRandom = seedGlobalRandom(run.seed);
    await prepare(run);
    return undefined;
  } catch (error) {
    return failureMessage(error, env['NX_VERBOSE_LOGGING'] === 'true');
  } finally {
    restoreRandom();
  }
}
