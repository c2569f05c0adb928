import type { Evidence } from './evidence';
import type { RolloutPlan } from './plan';

/** A version as a rollout speaks of it. */
export interface VersionRef {
  readonly version: number;
  readonly digest: string;
}

/** Why a rollout ended without its candidate serving. */
export const abortCauses = [
  'analysis',
  'verification',
  'deadline',
  /** An experiment that had its sample and showed no difference. */
  'undecided',
  'manual',
  'rollback',
] as const;
export type AbortCause = (typeof abortCauses)[number];

export interface Approval {
  readonly actor: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason?: string;
}

export type RolloutEnd =
  | { readonly kind: 'completed' }
  /** The plan was to look, not to promote, and it was looked. */
  | { readonly kind: 'observed' }
  | { readonly kind: 'aborted'; readonly cause: AbortCause; readonly quarantined: boolean }
  /** Another rollout began, or another version was deployed at once; `by` names it. */
  | { readonly kind: 'superseded'; readonly by: string };

/** One way from a deployment to the next, folded from its events. */
export interface Rollout {
  /** Unique within the model: `<environment>-<sequence number of its first event>`. */
  readonly id: string;
  readonly environment: string;
  readonly candidate: VersionRef;
  /** What served when it began. */
  readonly champion?: VersionRef;
  /** The environment that it was promoted from. */
  readonly from?: string;
  readonly plan: RolloutPlan;
  readonly startedAt: string;
  readonly startedBy: string;
  readonly reason?: string;
  /** Index into `plan.steps` of the step under way; the last one when ended. */
  readonly step: number;
  /** When that step began. ISO 8601, UTC. */
  readonly stepSince: string;
  /** Of the step under way. */
  readonly approvals: readonly Approval[];
  /** Why the last step was taken, or the last judgement of the step under way. */
  readonly evidence?: Evidence;
  /** Undefined while it is under way. */
  readonly end?: RolloutEnd & { readonly at: string; readonly actor: string; readonly reason?: string };
  /** Sequence number of its first event. */
  readonly seq: number;
  /** Sequence number of its last event. */
  readonly lastSeq: number;
}

/** Names of the states of `serving.md` §2.1, for people and machines. */
export const rolloutPhases = [
  'awaiting-approval',
  'verifying',
  'shadow',
  'canary',
  'promoting',
  'soaking',
  'completed',
  'observed',
  'aborted',
  'superseded',
] as const;
export type RolloutPhase = (typeof rolloutPhases)[number];

export function phaseOf(rollout: Pick<Rollout, 'plan' | 'step' | 'end'>): RolloutPhase {
  if (rollout.end !== undefined) return rollout.end.kind;
  switch (rollout.plan.steps[rollout.step]?.kind) {
    case 'approval':
      return 'awaiting-approval';
    case 'shadow':
      return 'shadow';
    case 'weight':
      return 'canary';
    case 'switch':
      return 'promoting';
    case 'soak':
      return 'soaking';
    case 'verify':
    case undefined:
      return 'verifying';
  }
}

/** How traffic is shared while a rollout is under way. */
export interface TrafficShare {
  /** Percent of the requests that the candidate answers. */
  readonly weight: number;
  /** Percent of the requests that the candidate answers too, its answers unused. */
  readonly shadow: number;
}

/** An approval amid the steps leaves the traffic as the step before set it. */
export function trafficShareOf({ plan, step, end }: Pick<Rollout, 'plan' | 'step' | 'end'>): TrafficShare {
  if (end !== undefined) return { weight: 0, shadow: 0 };
  for (let index = step; index >= 0; index--) {
    const current = plan.steps[index];
    switch (current?.kind) {
      case 'shadow':
        return { weight: 0, shadow: current.share };
      case 'weight':
        return { weight: current.weight, shadow: 0 };
      case 'switch':
      case 'soak':
        return { weight: 100, shadow: 0 };
      case 'verify':
      case 'approval':
      case undefined:
        break;
    }
  }
  return { weight: 0, shadow: 0 };
}
