import { z } from 'zod';
import { columnTypeSchema } from '../config/dataset-config';
import { tasks } from '../config/metrics';
import { columnSchema } from './column';
import { classLabelSchema } from './model-manifest';

/** A split as a script gets it: a local Parquet file. */
export const runSplitSchema = z.strictObject({
  dataset: z.string(),
  split: z.string(),
  /** Absolute path of the Parquet file. Read only. */
  path: z.string(),
  rows: z.int(),
  columns: z.array(columnSchema),
});
export type RunSplit = z.infer<typeof runSplitSchema>;

/** The run context: the JSON file that the environment variable `MLOPS_RUN` names while a training script runs. */
export const runContextSchema = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  task: z.enum(tasks),
  features: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })).min(1),
  target: z.strictObject({ name: z.string(), type: columnTypeSchema }),
  /** Classification: the labels found in the training split, in the order that the scores must have. */
  classes: z.array(classLabelSchema).optional(),
  params: z.record(z.string(), z.json()),
  seed: z.int().min(0),
  /** Threads that the script should use; one keeps a rerun byte-identical in most frameworks. */
  threads: z.int().min(1),
  /** By role: `train`, and `validation` where the model has one. Never `test`. */
  datasets: z.record(z.string(), runSplitSchema),
  /** Absolute path of an empty folder. The script leaves `model.onnx` here and may append to `metrics.jsonl`. */
  outputDir: z.string(),
  /** Absolute path. What an interrupted run left here is offered again to the next attempt with the same inputs. */
  checkpointDir: z.string(),
});
export type RunContext = z.infer<typeof runContextSchema>;

/** The environment variable that names the run context, of a training or a prepare script. */
export const RUN_CONTEXT_VARIABLE = 'MLOPS_RUN';

/** One line of `metrics.jsonl`. Any other numeric key is a metric. */
export const metricLineSchema = z.looseObject({
  /** Whole, from 0, not falling. Often the epoch. */
  step: z.int().min(0),
  /** Steps planned in all, when known: gives progress an end. */
  steps: z.int().min(1).optional(),
  /** Rows read since the start, for rows/s. */
  rows: z.int().min(0).optional(),
});
export type MetricLine = z.infer<typeof metricLineSchema>;

/** `run.json`: the volatile facts of one training, for provenance. Nothing is keyed by it. */
export const runRecordSchema = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  /** Seconds. */
  duration: z.number(),
  host: z.string(),
  user: z.string().optional(),
  commit: z.string().optional(),
  dirty: z.boolean().optional(),
  nxTaskHash: z.string().optional(),
  node: z.string(),
  /** The file that pins the libraries it ran with; absent in older records and where there is none. */
  environmentLock: z
    .strictObject({ file: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .optional(),
  /** Version of nx-mlops; absent in older records. */
  nxMlops: z.string().optional(),
  params: z.record(z.string(), z.json()),
  seed: z.int(),
  /** Last value of each metric that the script logged. */
  finalMetrics: z.record(z.string(), z.number()),
});
export type RunRecord = z.infer<typeof runRecordSchema>;
