import { z } from 'zod';
import { columnTypeSchema } from '../config/dataset-config';
import { tasks } from '../config/metrics';
import { classLabelSchema } from './model-manifest';
import { runSplitSchema } from './run';

/**
 * The run context of an evaluation script: the JSON file that the environment variable `MLOPS_RUN` names while it runs.
 *
 * The script leaves in `outputDir` one of these or both: `predictions.parquet`, one row for each row of the test split, in
 * its order; `metrics.json`.
 */
export const evaluationRunSchema = z.strictObject({
  version: z.literal(1),
  /** Name of the Nx project. */
  model: z.string(),
  task: z.enum(tasks),
  /** Absolute path of the trained model. Read only. */
  modelFile: z.string(),
  features: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })).min(1),
  target: z.string(),
  /** Classification: the labels, in the order of the scores. */
  classes: z.array(classLabelSchema).optional(),
  /** Metrics of the config that this script has to bring. */
  customMetrics: z.array(z.string()),
  params: z.record(z.string(), z.json()),
  seed: z.int().min(0),
  /** Threads that the script should use; one keeps a rerun the same in most frameworks. */
  threads: z.int().min(1),
  /** By role: `test`, and `validation` where the model has one. */
  datasets: z.record(z.string(), runSplitSchema),
  /** Absolute path of an empty folder. */
  outputDir: z.string(),
});
export type EvaluationRun = z.infer<typeof evaluationRunSchema>;

const scriptMetric = z.union([
  z.number().nullable(),
  z
    .strictObject({ value: z.number().nullable(), low: z.number().optional(), high: z.number().optional() })
    .refine(
      ({ low, high }) => (low === undefined) === (high === undefined),
      'give both "low" and "high" or neither',
    )
    .refine(
      ({ low, high }) => low === undefined || high === undefined || low <= high,
      '"low" is above "high"',
    ),
]);

/** `metrics.json` of an evaluation script: by metric a number, or a number with its confidence interval. */
export const scriptMetricsSchema = z.record(z.string(), scriptMetric);
export type ScriptMetrics = z.infer<typeof scriptMetricsSchema>;
