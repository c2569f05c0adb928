import { z } from 'zod';

export const verdicts = ['pass', 'fail', 'inconclusive'] as const;
export type Verdict = (typeof verdicts)[number];

/** Why a rollout took a step, in the event that records the step. */
export const evidenceSchema = z.strictObject({
  kind: z.enum(['verification', 'analysis', 'approval', 'time', 'override']),
  verdict: z.enum(verdicts),
  /** One sentence for people, such as `5,120 requests: errors 0.20 % against 0.18 %, p99 41 ms against 39 ms`. */
  summary: z.string(),
  /** Of the whole report, a blob of the registry. */
  report: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;
