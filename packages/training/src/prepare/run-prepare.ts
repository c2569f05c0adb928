import { runFramed } from '../run/script-frame';
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
  runFramed(loadPrepareRun, prepare);
}
