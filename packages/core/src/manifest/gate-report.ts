import { z } from 'zod';

/** What one gate concluded. `skipped`: there was nothing to judge, such as a slice with too few rows; never a pass. */
export const gateVerdicts = ['pass', 'fail', 'skipped'] as const;

export const gateResultSchema = z.strictObject({
  /** Such as `roc-auc >= 0.6` or `roc-auc >= 0.55 on origin=JFK`. */
  name: z.string(),
  metric: z.string(),
  slice: z
    .strictObject({
      column: z.string(),
      value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      rows: z.int(),
    })
    .optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  value: z.number().nullable(),
  severity: z.enum(['block', 'warn']),
  verdict: z.enum(gateVerdicts),
  /** One sentence. */
  because: z.string(),
});
export type GateResult = z.infer<typeof gateResultSchema>;

/** `gate.json`: all verdicts on one evaluation. */
export const gateReportSchema = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  modelSha256: z.string(),
  /** Digest of the evaluation.json that was judged. */
  evaluationSha256: z.string(),
  passed: z.boolean(),
  gates: z.array(gateResultSchema),
});
export type GateReport = z.infer<typeof gateReportSchema>;
