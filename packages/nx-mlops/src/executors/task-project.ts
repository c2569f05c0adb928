import type { ExecutorContext } from '@nx/devkit';
import { MlopsError, suggestion } from '@nx-mlops/core/light';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/**
 * The text of a project's config.
 *
 * @param file relative to the project
 * @throws MlopsError MLOPS_CONFIG_MISSING
 */
export async function readConfigText(project: TaskProject, file: string): Promise<string> {
  return readFile(join(project.folder, file), 'utf8').catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_CONFIG_MISSING',
      `cannot be read, so "${project.name}" is no such project.`,
      { file: `${project.root}/${file}` },
      { cause: error },
    );
  });
}
