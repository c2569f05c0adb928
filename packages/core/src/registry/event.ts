import { z } from 'zod';
import { evidenceSchema } from './rollout/evidence';
import { rolloutPlanSchema } from './rollout/plan';
import { abortCauses } from './rollout/rollout';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const base = {
  /** From 1, without gaps. */
  seq: z.int().min(1),
  /** ISO 8601, UTC. */
  at: z.string(),
  /** Who: a user name, or the CI job's. */
  actor: z.string().min(1),
  reason: z.string().optional(),
  /** Hash of the event before; 64 zeros for the first. */
  previous: digest,
  /** sha256 of the canonical JSON of this event without `hash`. */
  hash: digest,
};
const version = { version: z.int().min(1), digest };
const inEnvironment = { environment: z.string() };
const ofRollout = { ...inEnvironment, rollout: z.string() };
/** Why it was let in. */
const evidence = evidenceSchema.optional();

/** One line of `models/<name>/events.jsonl`. Past tense: what happened. State is the fold of these. */
export const registryEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('registered'),
    ...version,
    /** sha256 of the version's record; older logs have none. */
    record: digest.optional(),
  }),
  /** All traffic of the environment goes to this version. */
  z.strictObject({ ...base, type: z.literal('deployed'), ...inEnvironment, ...version, evidence }),
  /** As `deployed`, the version taken from what another environment serves. */
  z.strictObject({
    ...base,
    type: z.literal('promoted'),
    from: z.string(),
    ...inEnvironment,
    ...version,
    evidence,
  }),
  /** As `deployed`, of an earlier version; the digest that served until then is blocked in this environment. */
  z.strictObject({
    ...base,
    type: z.literal('rolled-back'),
    ...inEnvironment,
    ...version,
    blocked: z.string(),
    evidence,
    /** That the signatures of the two differ and somebody insisted. */
    forced: z.literal(true).optional(),
  }),
  /** A blocked digest may serve in this environment again. */
  z.strictObject({ ...base, type: z.literal('released'), ...inEnvironment, digest: z.string() }),
  /** A rollout begins with its first step. One that was under way there is superseded by the same event. */
  z.strictObject({
    ...base,
    type: z.literal('rollout-started'),
    ...ofRollout,
    ...version,
    champion: z.strictObject(version).optional(),
    from: z.string().optional(),
    plan: rolloutPlanSchema,
    supersedes: z.string().optional(),
  }),
  z.strictObject({ ...base, type: z.literal('rollout-approved'), ...ofRollout, step: z.int().min(0) }),
  /** A judgement that leaves the rollout where it is. */
  z.strictObject({
    ...base,
    type: z.literal('rollout-held'),
    ...ofRollout,
    step: z.int().min(0),
    evidence: evidenceSchema,
  }),
  /** The step before is done and `step` begins. */
  z.strictObject({
    ...base,
    type: z.literal('rollout-advanced'),
    ...ofRollout,
    step: z.int().min(1),
    evidence: evidenceSchema,
  }),
  /** As `deployed`: the candidate took over. */
  z.strictObject({
    ...base,
    type: z.literal('rollout-completed'),
    ...ofRollout,
    ...version,
    evidence: evidenceSchema,
  }),
  /** The plan was to look, not to promote, and it was looked. */
  z.strictObject({ ...base, type: z.literal('rollout-observed'), ...ofRollout, evidence: evidenceSchema }),
  /** The candidate gets no traffic from now on. */
  z.strictObject({
    ...base,
    type: z.literal('rollout-aborted'),
    ...ofRollout,
    ...version,
    cause: z.enum(abortCauses),
    /** Whether the candidate may come back only when it is released. */
    quarantined: z.boolean(),
    evidence,
  }),
  /** The bytes of a version were removed; it cannot serve any more. */
  z.strictObject({ ...base, type: z.literal('pruned'), ...version }),
]);
export type RegistryEvent = z.infer<typeof registryEventSchema>;
/** An event before the log gives it its place. */
export type NewRegistryEvent = RegistryEvent extends infer Event
  ? Event extends RegistryEvent
    ? Omit<Event, 'seq' | 'previous' | 'hash'>
    : never
  : never;
