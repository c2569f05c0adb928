import { decideRollback, fileNameOfProject, type RollbackDecision } from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { applyRouting } from './advance';
import { rollbackEnvironment } from './environments';
import type { TrafficRequest } from './rollout-request';

export interface RollbackRequest extends TrafficRequest {
  /** @default the last environment in order that serves this model */
  readonly environment?: string;
  /** A version that served there. @default the last sound one */
  readonly to?: number;
  /** Go back even where the versions take or give other columns. */
  readonly force?: boolean;
}

/**
 * Goes back: aborts the rollout under way, else returns the environment to the last sound version that it served. What is
 * left is blocked there. Nothing is built, and nothing is analysed.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NOTHING_DEPLOYED, MLOPS_NO_ROLLBACK_TARGET, MLOPS_SIGNATURE_DIFFERS
 */
export async function rollbackModel(request: RollbackRequest): Promise<RollbackDecision | undefined> {
  const { project, mlops, registry, actor, print, tools, to, force } = request;
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const environment = rollbackEnvironment(mlops, request.environment, state);
  const reason = request.reason ?? `rolled back by ${actor}`;
  const plan = decideRollback(state, { environment, to }, { at: tools.now().toISOString(), actor, reason });
  if (request.dryRun === true) {
    print('Dry run: nothing is changed.');
    print(`Would ${wayOf(plan, environment)}, and block version ${plan.from.version} there`);
    return undefined;
  }
  print(`${project.name}: ${wayOf(plan, environment)}`);
  // Decided anew on what is recorded by then: another writer may have come in between.
  const result = await registry.rollback({ model, environment, actor, reason, to, force });
  await applyRouting(request, await registry.state(model), environment, 'rollback');
  const after = result.target === undefined ? 'nothing' : `version ${result.target.version}`;
  print(`${environment} now serves ${after}. Reason: ${reason}`);
  print(
    `Version ${result.from.version} is blocked in ${environment}; nx run ${project.name}:deploy:${environment} --release="<why>" lets it back.`,
  );
  return result;
}

/** `roll production back from version 5 (since …) to version 4 (deployed …)` */
function wayOf({ kind, from, target }: RollbackDecision, environment: string): string {
  const stays =
    target === undefined ? 'nothing' : `version ${target.version} (deployed ${formatMoment(target.since)})`;
  return kind === 'abort'
    ? `abort the rollout of version ${from.version} to ${environment} (since ${formatMoment(from.since)}), which leaves ${stays}`
    : `roll ${environment} back from version ${from.version} (since ${formatMoment(from.since)}) to ${stays}`;
}
