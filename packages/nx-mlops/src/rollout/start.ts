import {
  MlopsError,
  decideDeploy,
  decidePromote,
  fileNameOfProject,
  layout,
  planRollout,
  type EnvironmentConfig,
  type RolloutPlan,
  type StartOptions,
  type StartResult,
} from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { advanceUntilWaiting, applyRouting } from './advance';
import { describePlan } from './describe-plan';
import { environmentConfig } from './environments';
import type { TrafficRequest } from './rollout-request';

/** A registered version on its way into an environment. */
export interface StartRequest extends TrafficRequest {
  readonly environment: string;
  readonly version: number;
  /** The environment that it is promoted from; deployed when left out. */
  readonly from?: string;
  /** Sequence number of the last event that the command has seen. @default that of now */
  readonly seen?: number;
}

/**
 * Brings a registered version into an environment by the strategy that mlops.json names. At once: it is verified first,
 * and nothing is recorded when that fails. By a rollout: the first event is recorded and the first steps are taken, as far
 * as they go without waiting.
 *
 * @returns undefined for a dry run
 * @throws MlopsError MLOPS_VERIFICATION_FAILED; MLOPS_NO_TRAFFIC_FEED; the refusals of `decideDeploy` and `decidePromote`
 */
export async function startVersion(request: StartRequest): Promise<StartResult | undefined> {
  const { project, mlops, registry, actor, reason, print, environment, version, from, tools } = request;
  const model = fileNameOfProject(project.name);
  const config = environmentConfig(mlops, environment);
  const state = await registry.state(model);
  const before = state.deployments.get(environment);
  const plan = planRollout(config, { hasChampion: before !== undefined });
  refuseUncounted(config, plan);
  const { metrics } = await registry.readVersion(model, version);
  const options: StartOptions = {
    ...(plan === undefined ? {} : { plan }),
    seen: request.seen ?? state.lastSeq,
  };
  const context = { at: tools.now().toISOString(), actor, ...(reason === undefined ? {} : { reason }) };
  const admission = { policy: config, metrics };
  // What would be refused is refused before anything is verified, and what is so already needs no verification.
  const decision =
    from === undefined
      ? decideDeploy(state, { environment, version, admission, ...options }, context)
      : decidePromote(state, { environment, from, version, admission, ...options }, context);
  if (request.dryRun === true) {
    explainPlan(request, decision.kind, before?.version, plan === undefined ? [] : describePlan(plan));
    return undefined;
  }
  const evidence =
    decision.kind === 'append' && plan === undefined ? await verified(request, version) : undefined;
  const command = {
    model,
    environment,
    actor,
    reason,
    policy: config,
    ...options,
    ...(evidence === undefined ? {} : { evidence }),
  };
  const result =
    from === undefined
      ? await registry.deploy({ ...command, version })
      : await registry.promote({ ...command, from, version });
  const was = before === undefined ? '' : ` (before: version ${before.version})`;
  const how = from === undefined ? '' : `, as ${from} does`;
  if (result.kind === 'serving') {
    const { deployment, changed } = result;
    await applyRouting(request, await registry.state(model), environment);
    print(
      changed
        ? `${environment} now serves ${project.name} version ${deployment.version}${how}${was}`
        : `${environment} serves ${project.name} version ${deployment.version} already, since ${formatMoment(deployment.since)}: nothing to do`,
    );
    return result;
  }
  if (!result.changed) {
    print(
      `A rollout of ${project.name} version ${version} to ${environment} is under way already, since ${formatMoment(result.rollout.startedAt)}`,
    );
  } else {
    print(
      `${project.name} version ${version} goes to ${environment}: ${describePlan(result.rollout.plan).join('\n')}`,
    );
  }
  // The reason is that of the start; the steps have their evidence.
  const { rollout } = await advanceUntilWaiting({ ...request, reason: undefined });
  if (rollout.end === undefined) {
    print(
      `nx run ${project.name}:watch:${environment} takes it further; nx run ${project.name}:abort:${environment} ends it.`,
    );
  }
  return { ...result, rollout };
}

/** A rollout whose traffic nobody counts would hold until its deadline; better to say so at its start. */
function refuseUncounted({ name, traffic }: EnvironmentConfig, plan: RolloutPlan | undefined): void {
  const isJudged = plan?.steps.some(({ kind }) => kind === 'weight' || kind === 'shadow') ?? false;
  if (!isJudged || traffic !== undefined) return;
  throw new MlopsError(
    'MLOPS_NO_TRAFFIC_FEED',
    `the strategy of "${name}" judges live traffic, but nothing says where it is counted. Add "traffic": "file:<path>" to the environment (docs/rollout-analysis.md), or take another strategy, such as blue-green.`,
    { file: layout.mlopsConfig, path: 'environments' },
  );
}

/** @throws MlopsError MLOPS_VERIFICATION_FAILED */
async function verified({ project, mlops, registry, environment, tools }: StartRequest, version: number) {
  const model = fileNameOfProject(project.name);
  const config = environmentConfig(mlops, environment);
  const { evidence } = await tools.verify(await registry.readVersion(model, version), config);
  if (evidence.verdict === 'pass') return evidence;
  throw new MlopsError(
    'MLOPS_VERIFICATION_FAILED',
    `${project.name} version ${version} does not go to ${environment}: ${evidence.summary}. What served there goes on serving.`,
  );
}

function explainPlan(
  { project, print, environment, version, from }: StartRequest,
  kind: 'append' | 'unchanged' | 'under-way',
  before: number | undefined,
  plan: readonly string[],
): void {
  print('Dry run: nothing is changed.');
  const how = from === undefined ? '' : `, as ${from} does`;
  const now = `(now: ${before === undefined ? 'nothing' : `version ${before}`})`;
  switch (kind) {
    case 'unchanged':
      print(`${environment} serves ${project.name} version ${version} already: nothing to do`);
      break;
    case 'under-way':
      print(`A rollout of ${project.name} version ${version} to ${environment} is under way already`);
      break;
    case 'append':
      print(`Would make ${environment} serve ${project.name} version ${version}${how} ${now}`);
      plan.forEach(print);
  }
}
