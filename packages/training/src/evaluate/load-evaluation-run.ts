import { MlopsError, RUN_CONTEXT_VARIABLE, evaluationRunSchema, readManifest } from '@nx-mlops/core';
import { EvaluationScriptRun } from './evaluation-script-run';

/**
 * The run that the `evaluate` task has started this script for.
 *
 * @param env @default process.env
 * @throws MlopsError MLOPS_EVALUATION_NO_RUN when the script was started by hand; MLOPS_MANIFEST_MISSING and
 *   MLOPS_MANIFEST_BROKEN when the run context cannot be read
 */
export async function loadEvaluationRun(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<EvaluationScriptRun> {
  const file = env[RUN_CONTEXT_VARIABLE];
  if (file === undefined || file === '') {
    throw new MlopsError(
      'MLOPS_EVALUATION_NO_RUN',
      `${RUN_CONTEXT_VARIABLE} is not set, so this script does not know what to evaluate. Start it with "nx evaluate <model>", which hands it the model and its test split.`,
    );
  }
  return new EvaluationScriptRun(await readManifest(file, evaluationRunSchema, 'nx evaluate <model>'));
}
