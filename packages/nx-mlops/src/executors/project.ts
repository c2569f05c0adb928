import type { ExecutorContext } from '@nx/devkit';
import {
  MlopsError,
  datasetConfigSchema,
  layout,
  modelConfigSchema,
  parseConfig,
  suggestion,
  type DatasetConfig,
  type ModelConfig,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** The project that a task belongs to. */
export interface TaskProject {
  readonly workspaceRoot: string;
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Absolute. */
  readonly folder: string;
}

/** @throws MlopsError MLOPS_NO_PROJECT when the executor runs outside a project */
export function projectOf(context: ExecutorContext): TaskProject {
  if (context.projectName === undefined) {
    throw new MlopsError(
      'MLOPS_NO_PROJECT',
      'This executor works on a project: run it as nx run <project>:<target>.',
    );
  }
  return projectNamed(context, context.projectName);
}

/** @throws MlopsError MLOPS_UNKNOWN_PROJECT that names the nearest project */
export function projectNamed(context: ExecutorContext, name: string): TaskProject {
  const projects = context.projectsConfigurations.projects;
  const project = projects[name];
  if (project === undefined) {
    throw new MlopsError(
      'MLOPS_UNKNOWN_PROJECT',
      `There is no project "${name}".${suggestion(name, Object.keys(projects))}`,
    );
  }
  return { workspaceRoot: context.root, name, root: project.root, folder: join(context.root, project.root) };
}

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
  const name = `${project.root}/${file}`;
  const text = await readFile(join(project.folder, file), 'utf8').catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_CONFIG_MISSING',
      `cannot be read, so "${project.name}" is no such project.`,
      { file: name },
      { cause: error },
    );
  });
  return parseConfig(text, schema, name);
}
