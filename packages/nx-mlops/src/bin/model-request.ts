import { MlopsError, fileNameOfProject, suggestion } from '@nx-mlops/core';
import { currentActor } from '../rollout/actor';
import { openTools } from '../rollout/open-tools';
import { openWorkspaceRegistry } from '../rollout/open-workspace-registry';
import { readMlopsConfig } from '../rollout/read-mlops-config';
import type { TrafficRequest } from '../rollout/rollout-request';
import { workspaceRootOf } from './workspace-root';

/**
 * What a command on one model of the registry starts from, without Nx: it works where the project graph does not, and
 * for a model whose project is gone.
 *
 * @param name of the project or of the model in the registry
 * @throws MlopsError MLOPS_CONFIG_MISSING; MLOPS_UNKNOWN_MODEL that names the nearest one
 */
export async function modelRequest(name: string, print: (line: string) => void): Promise<TrafficRequest> {
  const workspaceRoot = workspaceRootOf(process.cwd());
  const mlops = await readMlopsConfig(workspaceRoot);
  const registry = openWorkspaceRegistry(mlops, workspaceRoot);
  const model = fileNameOfProject(name);
  const known = await registry.listModels();
  if (!known.includes(model)) {
    throw new MlopsError(
      'MLOPS_UNKNOWN_MODEL',
      `${registry.description} knows no model "${name}".${suggestion(model, known)}`,
    );
  }
  return {
    project: { workspaceRoot, name, root: '.', folder: workspaceRoot },
    mlops,
    registry,
    actor: currentActor(process.env),
    print,
    tools: openTools({ registry, mlops, workspaceRoot }),
  };
}
