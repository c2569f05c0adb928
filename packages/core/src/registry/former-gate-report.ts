import { z } from 'zod';
import { sliceValueSchema } from '../manifest/evaluation';

/** The verdicts of a version that was registered before gates knew intervals and baselines. Its record never changes. */
export const formerGateReportSchema = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  modelSha256: z.string(),
  evaluationSha256: z.string(),
  passed: z.boolean(),
  gates: z.array(
    z.strictObject({
      name: z.string(),
      metric: z.string(),
      slice: z.strictObject({ column: z.string(), value: sliceValueSchema, rows: z.int() }).optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      value: z.number().nullable(),
      severity: z.enum(['block', 'warn']),
      verdict: z.enum(['pass', 'fail', 'skipped']),
      because: z.string(),
    }),
  ),
});
