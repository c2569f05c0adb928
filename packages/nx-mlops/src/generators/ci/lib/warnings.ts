import { DEFAULT_RESOURCE_CLASS, layout, registryOf, type CiConfig, type MlopsConfig } from '@nx-mlops/core';
import { isAbsolute, relative, resolve } from 'node:path';

/**
 * What would go wrong in a pipeline though mlops.json is sound.
 *
 * @param asked resource classes of trainings, each with a model's config that asks for it
 */
export function warningsOf(
  mlops: MlopsConfig,
  ci: CiConfig,
  asked: ReadonlyMap<string, string>,
  workspaceRoot: string,
  nxCloud: boolean,
): string[] {
  const { url } = registryOf(mlops);
  return [
    ...(isInside(url, workspaceRoot)
      ? [
          `The registry is ${url}, a folder in the workspace: what a job of the pipeline registers is gone with its machine. Name one that all jobs reach as "registry" of ${layout.mlopsConfig}, such as "s3://bucket/models" or "file:/mnt/share/models".`,
        ]
      : []),
    ...[...asked]
      .filter(([name]) => name !== DEFAULT_RESOURCE_CLASS && ci.classes[name] === undefined)
      .map(
        ([name, file]) =>
          `${file} asks for machines of the class "${name}", which ci.classes of ${layout.mlopsConfig} does not have, so it is trained on any. Add "${name}": { "runner": ["<label>"] } to have it trained on machines with that label.`,
      ),
    ...(nxCloud && Object.keys(ci.classes).length > 0
      ? [
          'Nx Agents have no machines of your resource classes; the trainings that ask for one run on any agent.',
        ]
      : []),
  ];
}

function isInside(url: string, workspaceRoot: string): boolean {
  if (!url.startsWith('file:')) return false;
  const path = relative(workspaceRoot, resolve(workspaceRoot, url.slice('file:'.length)));
  return !path.startsWith('..') && !isAbsolute(path);
}
