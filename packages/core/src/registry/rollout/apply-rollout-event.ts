import type { RegistryEvent } from '../event';
import type { Rollout } from './rollout';

type StartedEvent = Extract<RegistryEvent, { type: 'rollout-started' }>;
/** What happens to a rollout under way. */
export type RolloutEvent = Extract<
  RegistryEvent,
  {
    type:
      | 'rollout-approved'
      | 'rollout-held'
      | 'rollout-advanced'
      | 'rollout-observed'
      | 'rollout-completed'
      | 'rollout-aborted';
  }
>;

export function rolloutStartedBy(event: StartedEvent): Rollout {
  const { rollout, environment, version, digest, champion, from, plan, at, actor, reason, seq } = event;
  return {
    id: rollout,
    environment,
    candidate: { version, digest },
    ...(champion === undefined ? {} : { champion }),
    ...(from === undefined ? {} : { from }),
    plan,
    startedAt: at,
    startedBy: actor,
    ...(reason === undefined ? {} : { reason }),
    step: 0,
    stepSince: at,
    approvals: [],
    seq,
    lastSeq: seq,
  };
}

/** The rollout after one more of its events. */
export function applyRolloutEvent(rollout: Rollout, event: RolloutEvent): Rollout {
  const { at, actor, reason, seq } = event;
  const who = { at, actor, ...(reason === undefined ? {} : { reason }) };
  const next = { ...rollout, lastSeq: seq };
  switch (event.type) {
    case 'rollout-approved':
      return { ...next, approvals: [...rollout.approvals, who] };
    case 'rollout-held':
      return { ...next, evidence: event.evidence };
    case 'rollout-advanced':
      return { ...next, step: event.step, stepSince: at, approvals: [], evidence: event.evidence };
    case 'rollout-observed':
      return { ...next, evidence: event.evidence, end: { kind: 'observed', ...who } };
    case 'rollout-completed':
      return { ...next, evidence: event.evidence, end: { kind: 'completed', ...who } };
    case 'rollout-aborted': {
      const { cause, quarantined, evidence = rollout.evidence } = event;
      return {
        ...next,
        ...(evidence === undefined ? {} : { evidence }),
        end: { kind: 'aborted', cause, quarantined, ...who },
      };
    }
  }
}
