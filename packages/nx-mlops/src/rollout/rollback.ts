import { decideRollback, fileNameOfProject, type Deployment } from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { rollbackEnvironment } from './environments';
import type { RolloutRequest } from './rollout-request';

export interface RollbackRequest extends RolloutRequest {
  /** @default the last environment in order that serves this model */
  readonly environment?: string;
}

/**
 * Returns an environment to the last sound version that it served, and blocks the one that it serves now there.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NOTHING_DEPLOYED, MLOPS_NO_ROLLBACK_TARGET
 */
export async function rollbackModel(
  request: RollbackRequest,
): Promise<{ readonly from: Deployment; readonly to: Deployment } | undefined> {
  const { project, mlops, registry, actor, print } = request;
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const environment = rollbackEnvironment(mlops, request.environment, state);
  const reason = request.reason ?? `rolled back by ${actor}`;
  const plan = decideRollback(state, { environment }, { at: new Date().toISOString(), actor, reason });
  if (request.dryRun === true) {
    print('Dry run: nothing is changed.');
    print(
      `Would roll ${environment} back ${wayOf(plan.from, plan.target)}, and block version ${plan.from.version} there`,
    );
    return undefined;
  }
  print(`Rolling ${project.name} in ${environment} back ${wayOf(plan.from, plan.target)}`);
  // Decided anew on what is recorded by then: another writer may have come in between.
  const result = await registry.rollback({ model, environment, actor, reason });
  print(`${environment} now serves version ${result.to.version}. Reason: ${reason}`);
  print(
    `Version ${result.from.version} is blocked in ${environment}; nx run ${project.name}:deploy:${environment} --release="<why>" lets it back.`,
  );
  return result;
}

/** `from version 5 (since …) to version 4 (last deployed …)` */
function wayOf(from: Deployment, to: Deployment): string {
  return `from version ${from.version} (since ${formatMoment(from.since)}) to version ${to.version} (deployed ${formatMoment(to.since)})`;
}
