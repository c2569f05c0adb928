import { z } from 'zod';
import { gateSeverities } from '../config/gate-config';
import { intervalSchema, metricValuesSchema, intervalsSchema, sliceValueSchema } from './evaluation';

/**
 * What one gate concluded. `inconclusive`: the rows do not suffice to decide. `skipped`: there was nothing to judge,
 * such as no champion yet, or a slice with too few rows. Neither is a pass.
 */
export const gateVerdicts = ['pass', 'fail', 'inconclusive', 'skipped'] as const;
export type GateVerdict = (typeof gateVerdicts)[number];

/** A challenger against a champion on the same rows, at a margin below which a loss does not matter. */
export const comparisonVerdicts = ['better', 'non-inferior', 'inconclusive', 'worse'] as const;
export type ComparisonVerdict = (typeof comparisonVerdicts)[number];

/** A difference is challenger minus champion, its sign turned where lower is better: above 0 is an improvement. */
export const comparisonSchema = z.strictObject({
  verdict: z.enum(comparisonVerdicts),
  /** Sign-normalised: above 0 is an improvement. In units of the metric. */
  difference: z.number(),
  /** Both one-sided at alpha, so together an interval of 1 - 2 alpha. */
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  /** In units of the metric. */
  margin: z.number(),
  /** Two-sided p of no difference. */
  p: z.number(),
  /** p of "not worse", one-sided, adjusted by Holm over the slices of the gate where there are several. */
  adjustedP: z.number().optional(),
  test: z.enum(['delong', 'mcnemar', 'bootstrap', 'jackknife']),
  rows: z.int(),
  /** Of `inconclusive`: rows with which a model as good as the champion would pass nine times of ten. */
  rowsNeeded: z.int().optional(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const gateKinds = ['limit', 'gap', 'versus', 'fairness'] as const;

export const gateResultSchema = z.strictObject({
  /** Such as `roc-auc >= 0.6`, `roc-auc >= 0.55 on origin=JFK`, `roc-auc versus production`. */
  name: z.string(),
  kind: z.enum(gateKinds),
  metric: z.string(),
  slice: z.strictObject({ column: z.string(), value: sliceValueSchema, rows: z.int() }).optional(),
  fairness: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  maxGap: z.number().optional(),
  value: z.number().nullable(),
  interval: intervalSchema.optional(),
  /** Of the slices of one gate, adjusted by Holm: p of the limit being held. */
  adjustedP: z.number().optional(),
  versus: z
    .strictObject({
      /** As the config names it. */
      baseline: z.string(),
      /** Version in the registry. */
      modelVersion: z.int().optional(),
      /** The baseline's value on the same rows. */
      value: z.number().nullable(),
      comparison: comparisonSchema.optional(),
    })
    .optional(),
  severity: z.enum(gateSeverities),
  verdict: z.enum(gateVerdicts),
  /** What the verdict does to the build: `block` fails it. Absent of `pass` and `skipped`. */
  effect: z.enum(gateSeverities).optional(),
  /** One or two sentences for a reader in a hurry: by how much, with interval, what to do. */
  because: z.string(),
});
export type GateResult = z.infer<typeof gateResultSchema>;

/** A model that this one was compared with. */
export const baselineResultSchema = z.strictObject({
  /** `production`, `merge-base`, `last-release`. */
  name: z.string(),
  /** Absent when there was none, and `because` says why. */
  modelVersion: z.int().optional(),
  modelSha256: z.string().optional(),
  commit: z.string().optional(),
  /** ISO 8601 of its registration: how old the comparison is. */
  registeredAt: z.string().optional(),
  /** Whether its predictions on this test split were computed anew, since it was measured on another. */
  rescored: z.boolean().optional(),
  metrics: metricValuesSchema.optional(),
  intervals: intervalsSchema.optional(),
  because: z.string(),
});
export type BaselineResult = z.infer<typeof baselineResultSchema>;

/** `gate.json`: all verdicts on one evaluation. */
export const gateReportSchema = z.strictObject({
  version: z.literal(2),
  model: z.string(),
  modelSha256: z.string(),
  /** Digest of the evaluation.json that was judged. */
  evaluationSha256: z.string(),
  /** No gate has the effect `block`. */
  passed: z.boolean(),
  /** `fail` when not passed; else `inconclusive` when a gate was; else `pass`. */
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  gates: z.array(gateResultSchema),
  baselines: z.array(baselineResultSchema),
});
export type GateReport = z.infer<typeof gateReportSchema>;
