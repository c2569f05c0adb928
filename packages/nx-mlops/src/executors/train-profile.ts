import type { ExecutorContext } from '@nx/devkit';
import { join } from 'node:path';
import {
  layout,
  parseDatasetReference,
  profileFile,
  profileSchema,
  readManifest,
  type ModelConfig,
  type Profile,
} from '@nx-mlops/core';
import { projectNamed } from './project';

/** The profile that `validate` wrote of the split that a model learns from; undefined where there is none. */
export async function readTrainProfile(
  context: ExecutorContext,
  { datasets }: Pick<ModelConfig, 'datasets'>,
): Promise<Profile | undefined> {
  const { dataset, split } = parseDatasetReference(datasets.train);
  const file = join(projectNamed(context, dataset).folder, layout.validation, profileFile(split));
  return readManifest(file, profileSchema, `nx run ${dataset}:validate`).catch(() => undefined);
}
