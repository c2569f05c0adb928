import { z } from 'zod';
import type { RegistryEvent } from './event';
import { deploymentOf } from './fold';
import { applyRolloutEvent, rolloutStartedBy } from './rollout/apply-rollout-event';
import { evidenceSchema } from './rollout/evidence';
import { rolloutPlanSchema } from './rollout/plan';
import { phaseOf, rolloutPhases, trafficShareOf, type Rollout } from './rollout/rollout';

const versionRef = { version: z.int().min(1), digest: z.string() };
const who = { actor: z.string(), reason: z.string().optional() };

const deploymentSummarySchema = z.strictObject({
  environment: z.string(),
  ...versionRef,
  since: z.string(),
  ...who,
  seq: z.int(),
});

const rolloutSummarySchema = z.strictObject({
  id: z.string(),
  environment: z.string(),
  candidate: z.strictObject(versionRef),
  champion: z.strictObject(versionRef).optional(),
  from: z.string().optional(),
  plan: rolloutPlanSchema,
  startedAt: z.string(),
  startedBy: z.string(),
  reason: z.string().optional(),
  step: z.int(),
  stepSince: z.string(),
  approvals: z.array(z.strictObject({ ...who, at: z.string() })),
  evidence: evidenceSchema.optional(),
  seq: z.int(),
  lastSeq: z.int(),
  phase: z.enum(rolloutPhases),
  share: z.strictObject({ weight: z.number(), shadow: z.number() }),
});
/** A rollout under way, with what follows from its plan and step. The last verdict is that of `evidence`. */
export type RolloutSummary = z.infer<typeof rolloutSummarySchema>;

const environmentSummarySchema = z.strictObject({
  deployment: deploymentSummarySchema.optional(),
  rollout: rolloutSummarySchema.optional(),
  /** Digests that may not serve there until they are released, in the order in which they were blocked. */
  blocked: z.array(z.string()),
});
export type EnvironmentSummary = z.infer<typeof environmentSummarySchema>;

export const modelSummarySchema = z.strictObject({
  model: z.string(),
  /** How many were registered. */
  versions: z.int(),
  /** Number of the newest; undefined without one. */
  lastVersion: z.int().optional(),
  /** Those where something serves, is on its way, or is blocked. */
  environments: z.record(z.string(), environmentSummarySchema),
  /** Of the last event; 0 without one. */
  lastSeq: z.int(),
  /** ISO 8601, UTC; undefined without an event. */
  lastAt: z.string().optional(),
});
/** What a model's log comes to now, without its past: small, plain JSON, and folded on from wherever it ends. */
export type ModelSummary = z.infer<typeof modelSummarySchema>;

/** Of a model that has no events. */
export function emptySummary(model: string): ModelSummary {
  return { model, versions: 0, environments: {}, lastSeq: 0 };
}

/** The summary once these events have followed, which begin right behind its last one. */
export function summaryAfter(summary: ModelSummary, events: readonly RegistryEvent[]): ModelSummary {
  const last = events.at(-1);
  if (last === undefined) return summary;
  let { versions, lastVersion = 0 } = summary;
  const environments = new Map(Object.entries(summary.environments));
  for (const event of events) {
    switch (event.type) {
      case 'registered':
        versions++;
        lastVersion = Math.max(lastVersion, event.version);
        break;
      case 'pruned':
        break;
      default: {
        const { environment } = event;
        const next = environmentAfter(environments.get(environment) ?? { blocked: [] }, event);
        if (isEmpty(next)) environments.delete(environment);
        else environments.set(environment, next);
      }
    }
  }
  return {
    model: summary.model,
    versions,
    ...(lastVersion === 0 ? {} : { lastVersion }),
    environments: Object.fromEntries(environments),
    lastSeq: last.seq,
    lastAt: last.at,
  };
}

type EventInEnvironment = Extract<RegistryEvent, { environment: string }>;

function environmentAfter(before: EnvironmentSummary, event: EventInEnvironment): EnvironmentSummary {
  const { rollout, ...others } = before;
  switch (event.type) {
    case 'deployed':
    case 'promoted':
      return { ...others, deployment: deploymentOf(event) };
    case 'rolled-back':
      return { deployment: deploymentOf(event), blocked: withDigest(before.blocked, event.blocked) };
    case 'released':
      return { ...before, blocked: before.blocked.filter((digest) => digest !== event.digest) };
    case 'rollout-started':
      return { ...others, rollout: summaryOfRollout(rolloutStartedBy(event)) };
    case 'rollout-approved':
    case 'rollout-held':
    case 'rollout-advanced':
    case 'rollout-observed':
    case 'rollout-completed':
    case 'rollout-aborted': {
      const isUnderWay = rollout?.id === event.rollout;
      const after = isUnderWay ? applyRolloutEvent(rollout, event) : undefined;
      return {
        ...(isUnderWay ? others : before),
        ...(after === undefined || after.end !== undefined ? {} : { rollout: summaryOfRollout(after) }),
        ...(event.type === 'rollout-completed' ? { deployment: deploymentOf(event) } : {}),
        ...(event.type === 'rollout-aborted' && event.quarantined
          ? { blocked: withDigest(before.blocked, event.digest) }
          : {}),
      };
    }
  }
}

/** @param rollout one that is under way */
export function summaryOfRollout(rollout: Rollout): RolloutSummary {
  return {
    ...rollout,
    approvals: [...rollout.approvals],
    phase: phaseOf(rollout),
    share: trafficShareOf(rollout),
  };
}

function withDigest(blocked: readonly string[], digest: string): string[] {
  return blocked.includes(digest) ? [...blocked] : [...blocked, digest];
}

function isEmpty({ deployment, rollout, blocked }: EnvironmentSummary): boolean {
  return deployment === undefined && rollout === undefined && blocked.length === 0;
}
