import { MlopsError, RUN_CONTEXT_VARIABLE, prepareRunSchema, readManifest } from '@nx-mlops/core';
import { PreparationRun } from './preparation-run';

/**
 * The run that the `prepare` task has started this script for.
 *
 * @param env @default process.env
 * @throws MlopsError MLOPS_PREPARE_NO_RUN when the script was started by hand; MLOPS_MANIFEST_MISSING and
 *   MLOPS_MANIFEST_BROKEN when the run context cannot be read
 */
export async function loadPrepareRun(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<PreparationRun> {
  const file = env[RUN_CONTEXT_VARIABLE];
  if (file === undefined || file === '') {
    throw new MlopsError(
      'MLOPS_PREPARE_NO_RUN',
      `${RUN_CONTEXT_VARIABLE} is not set, so this script does not know what to prepare. Start it with "nx prepare <dataset>", which checks the sources and hands them over.`,
    );
  }
  return new PreparationRun(await readManifest(file, prepareRunSchema, 'nx prepare <dataset>'));
}
