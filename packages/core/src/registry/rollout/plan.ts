import { z } from 'zod';

/** Percent of the requests, 0 to 100. */
const percent = z.number().min(0).max(100);
const enough = {
  /** Requests of the candidate below which a step is not judged. */
  requests: z.int().min(0),
  /** Seconds below which a step is not judged. */
  seconds: z.int().min(0),
};

/** One step of a rollout, as its first event freezes it: later edits of mlops.json do not change what is under way. */
export const rolloutStepSchema = z.discriminatedUnion('kind', [
  /** People say yes before traffic moves on. */
  z.strictObject({
    kind: z.literal('approval'),
    count: z.int().min(1),
    by: z.array(z.string()).optional(),
    /** Whether who started the rollout may not approve it. */
    others: z.boolean(),
  }),
  /** Digest, signature and golden rows, before any traffic. */
  z.strictObject({ kind: z.literal('verify') }),
  /** The candidate answers a copy of the requests. */
  z.strictObject({ kind: z.literal('shadow'), share: percent, ...enough }),
  /** The candidate answers a share of the requests; judged at its end. */
  z.strictObject({ kind: z.literal('weight'), weight: percent, ...enough }),
  /** All traffic goes to the candidate, unjudged. */
  z.strictObject({ kind: z.literal('switch') }),
  /** All traffic goes to the candidate, watched, the former version still loaded. */
  z.strictObject({ kind: z.literal('soak'), seconds: z.int().min(0) }),
]);
export type RolloutStep = z.infer<typeof rolloutStepSchema>;

/**
 * The `analysis` of a strategy in full. Without defaults, unlike the config's: an event is hashed as it was written, so
 * nothing may be filled in when it is read.
 */
export const analysisPlanSchema = z.strictObject({
  errorRateIncrease: z.number(),
  p99: z.strictObject({ maxMilliseconds: z.number().optional(), factor: z.number() }),
  drift: z.strictObject({ warn: z.number(), fail: z.number() }),
  metric: z
    .strictObject({ name: z.string(), margin: z.number(), direction: z.enum(['higher', 'lower']) })
    .optional(),
  onInconclusive: z.enum(['hold', 'abort']),
});
export type AnalysisPlan = z.infer<typeof analysisPlanSchema>;

/** What an A/B test looks for and how many it needs. */
export const experimentSchema = z.strictObject({
  metric: z.string(),
  direction: z.enum(['higher', 'lower']),
  minimumEffect: z.number().gt(0),
  alpha: z.number(),
  power: z.number(),
  /** Subjects in each arm. */
  plannedSample: z.int().min(1),
});
export type Experiment = z.infer<typeof experimentSchema>;

export const rolloutPlanSchema = z.strictObject({
  strategy: z.enum(['direct', 'blue-green', 'canary', 'a-b', 'shadow']),
  steps: z.array(rolloutStepSchema).min(1),
  analysis: analysisPlanSchema.optional(),
  experiment: experimentSchema.optional(),
  /** What the end of the last step does: all traffic to the candidate, or only a record. */
  then: z.enum(['promote', 'stop']),
  /** From the start, in seconds. */
  deadline: z.int().min(1),
});
export type RolloutPlan = z.infer<typeof rolloutPlanSchema>;
