import { fileNameOfProject, type Rollout } from '@nx-mlops/core';
import { plural } from '../reporting/format';
import { rolloutEnvironment } from './environments';
import type { RolloutRequest } from './rollout-request';

export interface ApproveRequest extends RolloutRequest {
  /** @default the only one with a rollout under way */
  readonly environment?: string;
}

/**
 * Records that somebody approves the step under way; `advance` or `watch` then takes it.
 *
 * @throws MlopsError MLOPS_NO_ROLLOUT, MLOPS_SEVERAL_ROLLOUTS, MLOPS_NO_APPROVAL_AWAITED, MLOPS_MAY_NOT_APPROVE
 */
export async function approveRollout(request: ApproveRequest): Promise<Rollout> {
  const { project, mlops, registry, actor, reason, print } = request;
  const model = fileNameOfProject(project.name);
  const environment = rolloutEnvironment(mlops, request.environment, await registry.state(model));
  const rollout = await registry.approve({ model, environment, actor, reason });
  const step = rollout.plan.steps[rollout.step];
  const missing = step?.kind === 'approval' ? Math.max(0, step.count - rollout.approvals.length) : 0;
  print(
    `${actor} approves ${project.name} version ${rollout.candidate.version} for ${environment}; ${missing === 0 ? `nx run ${project.name}:advance:${environment} goes on` : `${plural(missing, 'approval')} to go`}.`,
  );
  return rollout;
}
