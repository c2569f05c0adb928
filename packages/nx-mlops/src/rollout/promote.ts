import { decidePromote, fileNameOfProject, type DeployResult } from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { promotionWay } from './environments';
import type { RolloutRequest } from './rollout-request';

export interface PromoteRequest extends RolloutRequest {
  /** @default the environment before `to`, or the first one */
  readonly from?: string;
  /** @default the environment after `from` */
  readonly to?: string;
}

/**
 * Makes an environment serve the very version that another one serves. Nothing is trained.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NO_NEXT_ENVIRONMENT, MLOPS_NOTHING_DEPLOYED, MLOPS_DIGEST_BLOCKED,
 *   MLOPS_PROMOTE_TO_ITSELF
 */
export async function promoteModel(request: PromoteRequest): Promise<DeployResult | undefined> {
  const { project, mlops, registry, actor, reason, print } = request;
  const { from, to } = promotionWay(mlops, request);
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const before = state.deployments.get(to);
  if (request.dryRun === true) {
    const at = new Date().toISOString();
    const decision = decidePromote(state, { from, environment: to }, { at, actor });
    print('Dry run: nothing is changed.');
    print(
      decision.kind === 'unchanged'
        ? `${to} serves version ${decision.deployment.version} already: nothing to do`
        : `Would make ${to} serve ${project.name} version ${state.deployments.get(from)?.version}, as ${from} does (now: ${before === undefined ? 'nothing' : `version ${before.version}`})`,
    );
    return undefined;
  }
  const result = await registry.promote({
    model,
    from,
    environment: to,
    actor,
    reason,
  });
  const { version, since } = result.deployment;
  print(
    result.changed
      ? `${to} now serves ${project.name} version ${version}, as ${from} does${before === undefined ? '' : ` (before: version ${before.version})`}`
      : `${to} serves ${project.name} version ${version} already, since ${formatMoment(since)}: nothing to do`,
  );
  return result;
}
