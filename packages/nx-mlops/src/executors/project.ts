import {
  datasetConfigSchema,
  layout,
  modelConfigSchema,
  parseConfig,
  type DatasetConfig,
  type ModelConfig,
} from '@nx-mlops/core';
import type { z } from 'zod';
import { readConfigText, type TaskProject } from './task-project';

export { projectNamed, projectOf, type TaskProject } from './task-project';

export function readModelConfig(project: TaskProject): Promise<ModelConfig> {
  return readConfig(project, layout.modelConfig, modelConfigSchema);
}

export function readDatasetConfig(project: TaskProject): Promise<DatasetConfig> {
  return readConfig(project, layout.datasetConfig, datasetConfigSchema);
}

async function readConfig<Schema extends z.ZodType>(
  project: TaskProject,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parseConfig(await readConfigText(project, file), schema, `${project.root}/${file}`);
}
