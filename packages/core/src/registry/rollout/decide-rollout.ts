import { MlopsError } from '../../errors/mlops-error';
import type { ChangeContext } from '../change-context';
import type { NewRegistryEvent } from '../event';
import type { ModelState } from '../state';
import { abortedEvent } from './aborted-event';
import type { Evidence } from './evidence';
import type { RolloutStep } from './plan';
import type { Rollout } from './rollout';

/** What the step under way must be given before it can be judged. */
export type RolloutNeed = 'verification' | 'analysis' | 'nothing';

export function needOf(rollout: Rollout): RolloutNeed {
  switch (currentStep(rollout).kind) {
    case 'verify':
      return 'verification';
    case 'shadow':
    case 'weight':
      return 'analysis';
    // With all traffic at the candidate, its champion is known from before.
    case 'soak':
      return rollout.plan.analysis === undefined ? 'nothing' : 'analysis';
    case 'approval':
    case 'switch':
      return 'nothing';
  }
}

export interface AdvanceCommand {
  readonly environment: string;
  /** What `needOf` asked for. */
  readonly finding?: Evidence;
  /** That the finding is inconclusive and will stay so, however long one waits. */
  readonly isOver?: boolean;
  /** Why an inconclusive judgement is passed over; a failed one never is. */
  readonly override?: string;
}

/** What one look at a rollout comes to. */
export type AdvanceDecision =
  | { readonly kind: 'append'; readonly event: NewRegistryEvent }
  | {
      readonly kind: 'wait';
      readonly because: string;
      /** When another look is worth it at the earliest, where that is known. ISO 8601, UTC. */
      readonly until?: string;
    };

/**
 * Takes one decision on the rollout under way: go on, hold, abort, complete, or wait. The same state, evidence and time
 * give the same decision, so whoever crashed before it was recorded takes it again.
 *
 * @throws MlopsError MLOPS_NO_ROLLOUT
 */
export function decideAdvance(
  state: ModelState,
  command: AdvanceCommand,
  context: ChangeContext,
): AdvanceDecision {
  const rollout = activeRollout(state, command.environment);
  const step = currentStep(rollout);
  const { finding } = command;
  if (finding?.verdict === 'fail') {
    const cause = step.kind === 'verify' ? 'verification' : 'analysis';
    return append(abortedEvent(rollout, cause, context, { evidence: finding }));
  }
  if (step.kind !== 'soak' && isOver(rollout, context.at)) {
    const options = finding === undefined ? {} : { evidence: finding };
    return append(abortedEvent(rollout, 'deadline', context, options));
  }
  switch (step.kind) {
    case 'approval':
      return decideApproval(rollout, step, context);
    case 'verify':
      return finding?.verdict === 'pass'
        ? next(rollout, finding, context)
        : judged(rollout, command, context);
    case 'switch':
      return next(
        rollout,
        { kind: 'time', verdict: 'pass', summary: 'all traffic goes to the candidate' },
        context,
      );
    case 'shadow':
    case 'weight':
      return waitForTime(rollout, step.seconds, context) ?? judged(rollout, command, context);
    case 'soak': {
      const waiting = waitForTime(rollout, step.seconds, context);
      if (waiting !== undefined) return waiting;
      // Nothing failed while it was watched; too little traffic at its end is no reason to go back.
      const summary = finding?.summary ?? `${step.seconds} s with all traffic`;
      return next(rollout, { kind: 'time', verdict: 'pass', summary }, context);
    }
  }
}

/**
 * Records that somebody approves.
 *
 * @throws MlopsError MLOPS_NO_ROLLOUT; MLOPS_NO_APPROVAL_AWAITED; MLOPS_MAY_NOT_APPROVE when this person started the
 *   rollout, is not among those who may, or has approved already
 */
export function decideApprove(
  state: ModelState,
  { environment }: { readonly environment: string },
  context: ChangeContext,
): NewRegistryEvent {
  const rollout = activeRollout(state, environment);
  const step = currentStep(rollout);
  if (step.kind !== 'approval') {
    throw new MlopsError(
      'MLOPS_NO_APPROVAL_AWAITED',
      `the rollout ${rollout.id} of "${state.model}" waits for no approval; it is at step ${rollout.step + 1} of ${rollout.plan.steps.length} (${step.kind}).`,
    );
  }
  const { actor } = context;
  const because =
    step.others && actor === rollout.startedBy
      ? 'who starts a rollout may not approve it'
      : step.by !== undefined && !step.by.includes(actor)
        ? `only these may: ${step.by.join(', ')}`
        : rollout.approvals.some((approval) => approval.actor === actor)
          ? `${actor} has approved already`
          : undefined;
  if (because !== undefined) {
    throw new MlopsError(
      'MLOPS_MAY_NOT_APPROVE',
      `"${actor}" cannot approve the rollout ${rollout.id} of "${state.model}": ${because}.`,
    );
  }
  return { type: 'rollout-approved', environment, rollout: rollout.id, step: rollout.step, ...context };
}

/**
 * Ends the rollout under way without its candidate, which is blocked in the environment unless `quarantine` is false.
 *
 * @throws MlopsError MLOPS_NO_ROLLOUT
 */
export function decideAbort(
  state: ModelState,
  { environment, quarantine }: { readonly environment: string; readonly quarantine?: boolean },
  context: ChangeContext,
): NewRegistryEvent {
  return abortedEvent(activeRollout(state, environment), 'manual', context, { quarantine });
}

/** @throws MlopsError MLOPS_NO_ROLLOUT */
export function activeRollout(state: ModelState, environment: string): Rollout {
  const rollout = state.active.get(environment);
  if (rollout !== undefined) return rollout;
  const elsewhere = [...state.active.keys()];
  throw new MlopsError(
    'MLOPS_NO_ROLLOUT',
    `no rollout of "${state.model}" is under way in "${environment}"${elsewhere.length === 0 ? '' : `; one is in ${elsewhere.join(', ')}`}.`,
  );
}

function decideApproval(
  rollout: Rollout,
  step: Extract<RolloutStep, { kind: 'approval' }>,
  context: ChangeContext,
): AdvanceDecision {
  const given = rollout.approvals.length;
  if (given < step.count) {
    const who = step.by === undefined ? '' : ` by ${step.by.join(', ')}`;
    return { kind: 'wait', because: `${given} of ${step.count} approvals${who}` };
  }
  const names = rollout.approvals.map(({ actor }) => actor).join(', ');
  return next(rollout, { kind: 'approval', verdict: 'pass', summary: `approved by ${names}` }, context);
}

/** Goes on with a pass, or an override of an inconclusive judgement; else holds. */
function judged(
  rollout: Rollout,
  { finding, isOver, override }: AdvanceCommand,
  context: ChangeContext,
): AdvanceDecision {
  if (finding === undefined) return { kind: 'wait', because: 'it is not judged yet' };
  if (finding.verdict === 'pass') return next(rollout, finding, context);
  if (override !== undefined) {
    const summary = `passed over by ${context.actor}: ${override}; it was inconclusive: ${finding.summary}`;
    return next(rollout, { ...finding, kind: 'override', summary }, context);
  }
  if (isOver === true) return append(abortedEvent(rollout, 'undecided', context, { evidence: finding }));
  if (rollout.plan.analysis?.onInconclusive === 'abort') {
    return append(abortedEvent(rollout, 'analysis', context, { evidence: finding, quarantine: false }));
  }
  // One event for a step that is held, however often it is looked at.
  if (rollout.evidence?.verdict === 'inconclusive' && rollout.evidence.kind === finding.kind) {
    return { kind: 'wait', because: finding.summary };
  }
  return append({
    type: 'rollout-held',
    environment: rollout.environment,
    rollout: rollout.id,
    step: rollout.step,
    evidence: finding,
    ...context,
  });
}

/** The step after, or the end. */
function next(rollout: Rollout, evidence: Evidence, context: ChangeContext): AdvanceDecision {
  const { environment, id, step, plan, candidate } = rollout;
  const of = { environment, rollout: id, evidence, ...context };
  if (step + 1 < plan.steps.length) return append({ type: 'rollout-advanced', step: step + 1, ...of });
  return append(
    plan.then === 'promote'
      ? { type: 'rollout-completed', ...candidate, ...of }
      : { type: 'rollout-observed', ...of },
  );
}

function waitForTime(
  { stepSince }: Rollout,
  seconds: number,
  { at }: ChangeContext,
): AdvanceDecision | undefined {
  const end = Date.parse(stepSince) + seconds * 1000;
  if (Date.parse(at) >= end) return undefined;
  const until = new Date(end).toISOString();
  return { kind: 'wait', because: `this step lasts until ${until} at least`, until };
}

function isOver({ startedAt, plan }: Rollout, at: string): boolean {
  return Date.parse(at) - Date.parse(startedAt) > plan.deadline * 1000;
}

function currentStep({ id, plan, step }: Rollout): RolloutStep {
  const current = plan.steps[step];
  if (current === undefined) throw new RangeError(`rollout ${id} has no step ${step}`);
  return current;
}

function append(event: NewRegistryEvent): AdvanceDecision {
  return { kind: 'append', event };
}
