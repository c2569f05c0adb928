import { runFramed } from '../run/script-frame';
import type { EvaluationScriptRun } from './evaluation-script-run';
import { loadEvaluationRun } from './load-evaluation-run';

/**
 * The frame of a script that evaluates a model: opens the run, makes `Math.random` repeat for its seed, tells a failure in
 * one paragraph and sets the exit code.
 *
 * ```ts
 * runEvaluation(async (run) => {
 *   const bleu = await translateAndScore(run.modelFile, run.split().path);
 *   await run.saveMetrics({ bleu });
 * });
 * ```
 */
export function runEvaluation(evaluate: (run: EvaluationScriptRun) => Promise<void>): void {
  runFramed(loadEvaluationRun, evaluate);
}
