import { z } from 'zod';
import { gateConfigSchema } from './gate-config';
import { metricDirections, metricNames } from './metrics';

/** Metrics by which a threshold may be chosen. */
export const thresholdCriteria = ['f1', 'youden', 'mcc', 'accuracy', 'balanced-accuracy'] as const;

const share = z.number().min(0).max(1);

const thresholdRule = z.union([
  share.describe('A score at or above it is positive.'),
  z
    .strictObject({ maximise: z.enum(thresholdCriteria) })
    .describe('Where this is largest; "youden" is true positive rate minus false positive rate.'),
  z
    .strictObject({ minPrecision: share })
    .describe('The lowest threshold, so the most positives found, at which the precision is at least this.'),
  z
    .strictObject({ minRecall: share })
    .describe('The highest threshold, so the fewest false alarms, at which the recall is at least this.'),
  z
    .strictObject({ falsePositiveCost: z.number().min(0), falseNegativeCost: z.number().min(0) })
    .describe('Where the cost of all errors is least.'),
]);
export type ThresholdRule = z.infer<typeof thresholdRule>;
/** A rule that looks at rows to choose; a plain number does not. */
export type ChosenThresholdRule = Exclude<ThresholdRule, number>;

const slice = z.union([
  z.string().min(1).describe('A column of the test split: one slice a value.'),
  z
    .strictObject({
      name: z.string().min(1).describe('How reports and gates call it.'),
      sql: z
        .string()
        .min(1)
        .describe(
          'An expression over the columns of the test split, in the SQL of DuckDB: one slice a value, such as "distance > 1000".',
        ),
    })
    .describe('Rows grouped by an expression.'),
]);
export type SliceConfig = z.infer<typeof slice>;

const customMetric = z.strictObject({
  direction: z.enum(metricDirections).describe('Whether a larger or a smaller value is better.'),
  description: z.string().optional().describe('For readers of the report.'),
});

export const evaluationConfigSchema = z.strictObject({
  metrics: z
    .array(z.union([z.enum(metricNames as [string, ...string[]]), z.string().min(1)]))
    .min(1)
    .optional()
    .describe('Metrics of the task; its defaults when left out. "ndcg@5" for another cutoff than the usual.'),
  threshold: thresholdRule
    .default(0.5)
    .describe(
      'Binary classification: a score at or above it is positive. A number, or a rule by which it is chosen on the validation split.',
    ),
  weight: z
    .string()
    .min(1)
    .optional()
    .describe('A column of the test split with the weight of each row, zero or more.'),
  groupBy: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A column whose rows belong together, such as a patient: intervals and comparisons resample its values, not rows. The query column of a ranking when left out.',
    ),
  confidence: z.number().gt(0.5).lt(1).default(0.95).describe('Of the intervals of metrics.'),
  slices: z.array(slice).default([]).describe('Metrics are also given for each value of these.'),
  autoSlices: z
    .boolean()
    .default(true)
    .describe('Also measure each value of features that have few; they are for exploration, not for gates.'),
  fairness: z
    .array(z.string().min(1))
    .default([])
    .describe('Columns of groups between which rates are compared (binary classification).'),
  entry: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A script (.ts, .js, .mjs, .cjs or .py) that measures the model or writes its predictions, in place of ours.',
    ),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Instead of entry: program and arguments, run without a shell in the folder of this config.'),
  params: z
    .record(z.string(), z.json())
    .default({})
    .describe('Handed to the evaluation script as they are; part of the cache key.'),
  timeoutMinutes: z.number().gt(0).optional().describe('A longer evaluation script is stopped and fails.'),
  customMetrics: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower case words joined by "-"'), customMetric)
    .default({})
    .describe('Metrics that the evaluation script writes, by name. Each must be there.'),
  gates: z.array(gateConfigSchema).default([]).describe('What must hold before a version may be deployed.'),
});
export type EvaluationConfig = z.infer<typeof evaluationConfigSchema>;

/** The name of a slice as reports and gates call it: the column or the name of the expression. */
export function sliceName(config: SliceConfig): string {
  return typeof config === 'string' ? config : config.name;
}

/** The part of a gate's `slice` before `=`, and the value after it where there is one. */
export function parseSliceReference(reference: string): { readonly name: string; readonly value?: string } {
  const at = reference.indexOf('=');
  return at === -1 ? { name: reference } : { name: reference.slice(0, at), value: reference.slice(at + 1) };
}

/** Whether a script of the project takes the place of our predictions. */
export function hasEvaluationScript({
  entry,
  command,
}: Pick<EvaluationConfig, 'entry' | 'command'>): boolean {
  return entry !== undefined || command !== undefined;
}

/** Whether the evaluation gets the validation split: to choose the threshold, or since a script may look at it. */
export function readsValidation(config: Pick<EvaluationConfig, 'threshold' | 'entry' | 'command'>): boolean {
  return choosesThreshold(config) || hasEvaluationScript(config);
}

/** Whether a rule chooses the threshold on the validation split. */
export function choosesThreshold({ threshold }: Pick<EvaluationConfig, 'threshold'>): boolean {
  return typeof threshold !== 'number';
}
