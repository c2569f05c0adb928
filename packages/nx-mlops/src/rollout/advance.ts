import {
  activeRollout,
  decideAdvance,
  fileNameOfProject,
  needOf,
  phaseOf,
  routingOf,
  type AdvanceDecision,
  type ModelState,
  type Rollout,
} from '@nx-mlops/core';
import { describeStep } from './describe-plan';
import { environmentConfig, rolloutEnvironment } from './environments';
import type { Finding, TrafficRequest } from './rollout-request';

export interface AdvanceRequest extends TrafficRequest {
  /** @default the only one with a rollout under way */
  readonly environment?: string;
  /** Why an inconclusive judgement is passed over. A failed one never is. */
  readonly override?: string;
}

export interface AdvanceResult {
  readonly decision: AdvanceDecision;
  /** After the decision. */
  readonly rollout: Rollout;
}

/**
 * Takes one decision on the rollout under way, records it, and has the target follow. Whoever was killed amid it runs it
 * again: what was recorded is not done twice, and the target is asked again for what is recorded.
 *
 * @throws MlopsError MLOPS_NO_ROLLOUT, MLOPS_SEVERAL_ROLLOUTS, MLOPS_UNKNOWN_ENVIRONMENT
 */
export async function advanceRollout(request: AdvanceRequest): Promise<AdvanceResult> {
  const { project, mlops, registry, actor, reason, override, tools } = request;
  const model = fileNameOfProject(project.name);
  const state = await registry.state(model);
  const environment = rolloutEnvironment(mlops, request.environment, state);
  const rollout = activeRollout(state, environment);
  if (request.dryRun !== true) await applyRouting(request, state, environment);
  const finding = await findingOf(request, model, rollout);

  const command = { environment, finding: finding?.evidence, isOver: finding?.isOver, override };
  const preview = decideAdvance(state, command, { at: tools.now().toISOString(), actor });
  if (preview.kind === 'wait' || request.dryRun === true) {
    explain(request, preview, rollout);
    return { decision: preview, rollout };
  }
  const kept = finding === undefined ? undefined : await withReport(request, finding);
  const result = await registry.advance({
    model,
    environment,
    actor,
    reason,
    of: { rollout: rollout.id, step: rollout.step },
    finding: kept,
    isOver: finding?.isOver,
    override,
  });
  explain(request, result.decision, result.rollout);
  if (result.decision.kind === 'append') {
    await applyRouting(request, await registry.state(model), environment);
  }
  return result;
}

/** As far as it goes at once: until it waits for time, traffic or a person, or is done. */
export async function advanceUntilWaiting(request: AdvanceRequest): Promise<AdvanceResult> {
  for (;;) {
    const result = await advanceRollout(request);
    if (result.decision.kind === 'wait' || result.rollout.end !== undefined) return result;
  }
}

/** Has the target serve what the registry records. */
export async function applyRouting(
  { project, mlops, tools }: TrafficRequest,
  state: ModelState,
  environment: string,
  way: 'apply' | 'rollback' = 'apply',
): Promise<void> {
  const target = tools.targetOf(environmentConfig(mlops, environment));
  const routing = routingOf(state, environment);
  const model = fileNameOfProject(project.name);
  await target[way]({ model, environment, ...(routing === undefined ? {} : { routing }) });
}

async function findingOf(
  { mlops, registry, tools }: TrafficRequest,
  model: string,
  rollout: Rollout,
): Promise<Finding | undefined> {
  const environment = environmentConfig(mlops, rollout.environment);
  switch (needOf(rollout)) {
    case 'nothing':
      return undefined;
    case 'analysis':
      return tools.analyse(model, rollout, environment, tools.now());
    case 'verification': {
      const { version } = rollout.candidate;
      const finding = await tools.verify(await registry.readVersion(model, version), environment);
      if (finding.evidence.verdict !== 'pass') return finding;
      const target = tools.targetOf(environment);
      const { ready, summary } = await target.observe({
        model,
        environment: rollout.environment,
        versions: [version],
      });
      // Traffic goes only where somebody answers it.
      const isReady = ready === undefined || ready.includes(version);
      return {
        ...finding,
        evidence: {
          ...finding.evidence,
          verdict: isReady ? 'pass' : 'inconclusive',
          summary: `${finding.evidence.summary}; ${summary}`,
        },
      };
    }
  }
}

async function withReport({ registry }: TrafficRequest, { evidence, report }: Finding) {
  if (report === undefined) return evidence;
  return { ...evidence, report: await registry.storeReport(JSON.stringify(report)) };
}

function explain(
  { project, print, dryRun }: TrafficRequest,
  decision: AdvanceDecision,
  rollout: Rollout,
): void {
  const name = `${project.name} version ${rollout.candidate.version} in ${rollout.environment}`;
  if (decision.kind === 'wait') {
    print(`${name}: ${phaseOf(rollout)}, waiting: ${decision.because}`);
    return;
  }
  if (dryRun === true) {
    print(`Dry run: nothing is changed. Would record ${decision.event.type} for ${name}.`);
    return;
  }
  const { evidence, end, plan, step } = rollout;
  const seen = evidence === undefined ? '' : ` (${evidence.summary})`;
  switch (end?.kind) {
    case 'completed':
      print(`${name}: completed, it serves alone now${seen}`);
      break;
    case 'observed':
      print(`${name}: observed, nothing changes${seen}`);
      break;
    case 'aborted':
      print(`${name}: aborted because of ${end.cause}, it gets no traffic now${seen}`);
      if (end.quarantined) {
        print(
          `It is blocked in ${rollout.environment}; nx run ${project.name}:deploy:${rollout.environment} --release="<why>" lets it back.`,
        );
      }
      break;
    case 'superseded':
      print(`${name}: superseded by ${end.by}`);
      break;
    case undefined: {
      const current = plan.steps[step];
      const what = current === undefined ? '' : describeStep(current);
      if (decision.event.type === 'rollout-held')
        print(`${name}: held at step ${step + 1} of ${plan.steps.length}${seen}`);
      else print(`${name}: step ${step + 1} of ${plan.steps.length}, ${what}${seen}`);
    }
  }
}
