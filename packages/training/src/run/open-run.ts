import { MlopsError, RUN_CONTEXT_VARIABLE, readManifest, runContextSchema } from '@nx-mlops/core';
import { TrainingRun } from './training-run';

export interface OpenRunOptions {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops `run.fit` when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The run that the `train` task has started this script for.
 *
 * @throws MlopsError MLOPS_TRAINING_NO_RUN when the script was started by hand; MLOPS_MANIFEST_MISSING and
 *   MLOPS_MANIFEST_BROKEN when the run context cannot be read
 */
export async function openRun({ env = process.env, signal }: OpenRunOptions = {}): Promise<TrainingRun> {
  const file = env[RUN_CONTEXT_VARIABLE];
  if (file === undefined || file === '') {
    throw new MlopsError(
      'MLOPS_TRAINING_NO_RUN',
      `${RUN_CONTEXT_VARIABLE} is not set, so this script does not know what to train on. Start it with "nx train <model>", which prepares the data and hands it over.`,
    );
  }
  return new TrainingRun(await readManifest(file, runContextSchema, 'nx train <model>'), signal);
}
