import { decideAbort, fileNameOfProject, type Rollout } from '@nx-mlops/core';
import { applyRouting } from './advance';
import { rolloutEnvironment } from './environments';
import type { TrafficRequest } from './rollout-request';

export interface AbortRequest extends TrafficRequest {
  /** @default the only one with a rollout under way */
  readonly environment?: string;
  /** Whether the candidate may come back only when it is released. @default true */
  readonly quarantine?: boolean;
}

/**
 * Ends the rollout under way at once: its candidate gets no traffic any more, and what served before goes on.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_NO_ROLLOUT, MLOPS_SEVERAL_ROLLOUTS, MLOPS_UNKNOWN_ENVIRONMENT
 */
export async function abortRollout(request: AbortRequest): Promise<Rollout | undefined> {
  const { project, mlops, registry, actor, print, quarantine, tools } = request;
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const environment = rolloutEnvironment(mlops, request.environment, state);
  const reason = request.reason ?? `aborted by ${actor}`;
  const context = { at: tools.now().toISOString(), actor, reason };
  decideAbort(state, { environment, quarantine }, context);
  if (request.dryRun === true) {
    print('Dry run: nothing is changed.');
    print(`Would abort the rollout ${state.active.get(environment)?.id ?? ''}`);
    return undefined;
  }
  const rollout = await registry.abort({ model, environment, actor, reason, quarantine });
  const after = await registry.state(model);
  await applyRouting(request, after, environment, 'rollback');
  const serving = after.deployments.get(environment);
  print(
    `Aborted the rollout of ${project.name} version ${rollout.candidate.version} to ${environment}; ${serving === undefined ? 'nothing serves there' : `version ${serving.version} serves alone`}. Reason: ${reason}`,
  );
  if (quarantine !== false) {
    print(
      `Version ${rollout.candidate.version} is blocked in ${environment}; nx run ${project.name}:deploy:${environment} --release="<why>" lets it back.`,
    );
  }
  return rollout;
}
