import { openRegistry, type MlopsConfig, type Registry } from '@nx-mlops/core';

/** The registry of `mlops.json`, told of its environments: a mirror such as MLflow's aliases goes by their order. */
export function openWorkspaceRegistry(
  { registry, environments }: Pick<MlopsConfig, 'registry' | 'environments'>,
  workspaceRoot: string,
): Registry {
  return openRegistry(registry, workspaceRoot, { environments: environments.map(({ name }) => name) });
}
