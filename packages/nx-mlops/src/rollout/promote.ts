import { MlopsError, fileNameOfProject, type StartResult } from '@nx-mlops/core';
import { promotionWay } from './environments';
import type { TrafficRequest } from './rollout-request';
import { startVersion } from './start';

export interface PromoteRequest extends TrafficRequest {
  /** @default the environment before `to`, or the first one */
  readonly from?: string;
  /** @default the environment after `from` */
  readonly to?: string;
}

/**
 * Brings the very version that one environment serves into another one. Nothing is trained.
 *
 * @returns undefined for a dry run
 * @throws MlopsError of `startVersion`; MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NO_NEXT_ENVIRONMENT; MLOPS_NOTHING_DEPLOYED when
 *   `from` serves nothing
 */
export async function promoteModel(request: PromoteRequest): Promise<StartResult | undefined> {
  const { project, mlops, registry } = request;
  const { from, to } = promotionWay(mlops, request);
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const source = state.deployments.get(from);
  if (source === undefined) {
    const serving = [...state.deployments.keys()];
    throw new MlopsError(
      'MLOPS_NOTHING_DEPLOYED',
      `"${project.name}" serves nothing in "${from}", so there is nothing to promote. ${serving.length === 0 ? `Run nx run ${project.name}:deploy:${from} first.` : `It serves in: ${serving.join(', ')}.`}`,
    );
  }
  return startVersion({ ...request, environment: to, from, version: source.version, seen: state.lastSeq });
}
