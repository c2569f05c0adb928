import { z } from 'zod';
import { tasks } from '../config/metrics';
import { classLabelSchema } from './model-manifest';

/** By metric name. Null where a metric is not defined on these rows, such as ROC AUC with one class only. */
export const metricValuesSchema = z.record(z.string(), z.number().nullable());
export type MetricValues = z.infer<typeof metricValuesSchema>;

/** `evaluation.json`: a model measured on a split. Cached, so it holds no clock and no host. */
export const evaluationSchema = z.strictObject({
  version: z.literal(1),
  /** Nx project. */
  model: z.string(),
  task: z.enum(tasks),
  modelSha256: z.string(),
  test: z.strictObject({ dataset: z.string(), split: z.string(), sha256: z.string(), rows: z.int() }),
  metrics: metricValuesSchema,
  /** What a model that ignores its features reaches on the same rows. */
  baseline: z.strictObject({ strategy: z.string(), metrics: metricValuesSchema }),
  classes: z.array(classLabelSchema).optional(),
  /** Binary classification: a score at or above it counts as positive. */
  threshold: z.number().optional(),
  /** Classification: rows by true class, columns by predicted class, in the order of `classes`. */
  confusion: z.array(z.array(z.int())).optional(),
  slices: z.array(
    z.strictObject({
      column: z.string(),
      /** Null for missing values. */
      value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      rows: z.int(),
      metrics: metricValuesSchema,
    }),
  ),
  /** Charts beside this file. */
  charts: z.array(z.strictObject({ title: z.string(), file: z.string() })),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
