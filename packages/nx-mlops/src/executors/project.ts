import {
  MlopsError,
  datasetConfigSchema,
  layout,
  mlopsConfigSchema,
  modelConfigSchema,
  parseConfig,
  type DatasetConfig,
  type MlopsConfig,
  type ModelConfig,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { readConfigText, type TaskProject } from './task-project';

export { projectNamed, projectOf, type TaskProject } from './task-project';

export function readModelConfig(project: TaskProject): Promise<ModelConfig> {
  return readConfig(project, layout.modelConfig, modelConfigSchema);
}

export function readDatasetConfig(project: TaskProject): Promise<DatasetConfig> {
  return readConfig(project, layout.datasetConfig, datasetConfigSchema);
}

/** `mlops.json` of the workspace. */
export async function readMlopsConfig(workspaceRoot: string): Promise<MlopsConfig> {
  const text = await readFile(join(workspaceRoot, layout.mlopsConfig), 'utf8').catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_CONFIG_MISSING',
      'is not there. Run nx g nx-mlops:init, which writes it.',
      { file: layout.mlopsConfig },
      { cause: error },
    );
  });
  return parseConfig(text, mlopsConfigSchema, layout.mlopsConfig);
}

async function readConfig<Schema extends z.ZodType>(
  project: TaskProject,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parseConfig(await readConfigText(project, file), schema, `${project.root}/${file}`);
}
