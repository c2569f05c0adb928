import {
  MlopsError,
  decideRollback,
  fileNameOfProject,
  messageOf,
  type Evidence,
  type RollbackDecision,
} from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { applyRouting } from './advance';
import { environmentConfig, rollbackEnvironment } from './environments';
import type { TrafficRequest } from './rollout-request';

export interface RollbackRequest extends TrafficRequest {
  /** @default the last environment in order that serves this model */
  readonly environment?: string;
  /** A version that served there. @default the last sound one */
  readonly to?: number;
  /** Go back even where the versions take or give other columns, or the version to return to fails its verification. */
  readonly force?: boolean;
}

/**
 * Goes back: aborts the rollout under way, else returns the environment to the last sound version that it served. What is
 * left is blocked there. Nothing is built, and nothing is analysed.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NOTHING_DEPLOYED, MLOPS_NO_ROLLBACK_TARGET, MLOPS_SIGNATURE_DIFFERS,
 *   MLOPS_VERIFICATION_FAILED
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
  const evidence = plan.kind === 'rollback' ? await verifiedTarget(request, environment, plan) : undefined;
  // Decided anew on what is recorded by then: another writer may have come in between. What was verified is meant.
  const result = await registry.rollback({
    model,
    environment,
    actor,
    reason,
    to: to ?? (plan.kind === 'rollback' ? plan.target?.version : undefined),
    force,
    ...(evidence === undefined ? {} : { evidence }),
  });
  await applyRouting(request, await registry.state(model), environment, 'rollback');
  const after = result.target === undefined ? 'nothing' : `version ${result.target.version}`;
  print(`${environment} now serves ${after}. Reason: ${reason}`);
  print(
    `Version ${result.from.version} is blocked in ${environment}; nx run ${project.name}:deploy:${environment} --release="<why>" lets it back.`,
  );
  return result;
}

/**
 * That the version to return to is whole. A version that is not is refused; a machine that cannot tell does not stand
 * between the person on call and the way back.
 *
 * @throws MlopsError MLOPS_VERIFICATION_FAILED
 */
async function verifiedTarget(
  { project, mlops, registry, print, tools, force }: RollbackRequest,
  environment: string,
  { target }: RollbackDecision,
): Promise<Evidence | undefined> {
  if (target === undefined) return undefined;
  const model = fileNameOfProject(project.name);
  const record = await registry.readVersion(model, target.version);
  let evidence: Evidence;
  try {
    ({ evidence } = await tools.verify(record, environmentConfig(mlops, environment)));
  } catch (error) {
    print(`Warning: version ${target.version} could not be verified here: ${messageOf(error)}`);
    return undefined;
  }
  if (evidence.verdict === 'fail' && force !== true) {
    throw new MlopsError(
      'MLOPS_VERIFICATION_FAILED',
      `${project.name} does not go back to version ${target.version} in ${environment}: ${evidence.summary}. Name another with --to, or insist with --force. What serves there goes on serving.`,
    );
  }
  if (evidence.verdict !== 'pass') print(`Warning: ${evidence.summary}`);
  return evidence;
}

/** `roll production back from version 5 (since …) to version 4 (deployed …)` */
function wayOf({ kind, from, target }: RollbackDecision, environment: string): string {
  const stays =
    target === undefined ? 'nothing' : `version ${target.version} (deployed ${formatMoment(target.since)})`;
  return kind === 'abort'
    ? `abort the rollout of version ${from.version} to ${environment} (since ${formatMoment(from.since)}), which leaves ${stays}`
    : `roll ${environment} back from version ${from.version} (since ${formatMoment(from.since)}) to ${stays}`;
}
