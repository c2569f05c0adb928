import { z } from 'zod';

const base = {
  /** From 1, without gaps. */
  seq: z.int().min(1),
  /** ISO 8601, UTC. */
  at: z.string(),
  /** Who: a user name, or the CI job's. */
  actor: z.string().min(1),
  reason: z.string().optional(),
  /** Hash of the event before; 64 zeros for the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** sha256 of the canonical JSON of this event without `hash`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
};
const version = { version: z.int().min(1), digest: z.string().regex(/^[0-9a-f]{64}$/) };

/** One line of `models/<name>/events.jsonl`. Past tense: what happened. State is the fold of these. */
export const registryEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...base, type: z.literal('registered'), ...version }),
  /** All traffic of the environment goes to this version. */
  z.strictObject({ ...base, type: z.literal('deployed'), environment: z.string(), ...version }),
  /** As `deployed`, the version taken from what another environment serves. */
  z.strictObject({
    ...base,
    type: z.literal('promoted'),
    from: z.string(),
    environment: z.string(),
    ...version,
  }),
  /** As `deployed`, of an earlier version; the digest that served until then is blocked in this environment. */
  z.strictObject({
    ...base,
    type: z.literal('rolled-back'),
    environment: z.string(),
    ...version,
    blocked: z.string(),
  }),
  /** A blocked digest may serve in this environment again. */
  z.strictObject({ ...base, type: z.literal('released'), environment: z.string(), digest: z.string() }),
]);
export type RegistryEvent = z.infer<typeof registryEventSchema>;
/** An event before the log gives it its place. */
export type NewRegistryEvent = RegistryEvent extends infer Event
  ? Event extends RegistryEvent
    ? Omit<Event, 'seq' | 'previous' | 'hash'>
    : never
  : never;
