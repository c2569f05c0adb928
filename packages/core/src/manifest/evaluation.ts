import { z } from 'zod';
import { metricDirections, tasks } from '../config/metrics';
import { fileDigestSchema } from './column';
import { classLabelSchema } from './model-manifest';

/** By metric name. Null where a metric is not defined on these rows, such as ROC AUC with one class only. */
export const metricValuesSchema = z.record(z.string(), z.number().nullable());
export type MetricValues = z.infer<typeof metricValuesSchema>;

/** How an interval came about; see docs/evaluation.md for each. */
export const intervalMethods = [
  'wilson',
  'delong',
  'jackknife',
  'bootstrap',
  'order-statistic',
  'script',
] as const;

/** A confidence interval of a metric, in units of the metric. `low <= value <= high` but for rounding. */
export const intervalSchema = z.strictObject({
  low: z.number(),
  high: z.number(),
  method: z.enum(intervalMethods),
});
export type Interval = z.infer<typeof intervalSchema>;

/** By metric name; a metric for which there is none, such as the largest error, has no entry. */
export const intervalsSchema = z.record(z.string(), intervalSchema);
export type Intervals = z.infer<typeof intervalsSchema>;

/** Null for missing values. */
export const sliceValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type SliceValue = z.infer<typeof sliceValueSchema>;

/**
 * Whose slice it is: `declared` and `expression` are of the config and may be gated, `automatic` ones are for
 * exploration.
 */
export const sliceKinds = ['declared', 'expression', 'automatic'] as const;

export const sliceResultSchema = z.strictObject({
  /** The column, or the name of the expression. */
  column: z.string(),
  kind: z.enum(sliceKinds),
  value: sliceValueSchema,
  rows: z.int().min(0),
  metrics: metricValuesSchema,
  intervals: intervalsSchema,
  /**
   * Exploration: by metric, p of the slice differing from the other rows, adjusted over all slices of all columns by
   * Benjamini and Hochberg. Flagged at 0.1 and worse than the rest.
   */
  adjustedP: z.record(z.string(), z.number()).optional(),
});
export type SliceResult = z.infer<typeof sliceResultSchema>;

export const calibrationSchema = z.strictObject({
  /** ECE moves with the bins, so they are said. */
  scheme: z.literal('equal-mass'),
  /** Rows in bins by rising score; of several classes by the score of the predicted one. */
  bins: z.array(
    z.strictObject({
      rows: z.int(),
      lowestScore: z.number(),
      highestScore: z.number(),
      meanScore: z.number(),
      /** Share of rows that are positive (of several classes: predicted right), with its Wilson interval. */
      observed: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
  ece: z.number().nullable(),
});
export type Calibration = z.infer<typeof calibrationSchema>;

const point = z.tuple([z.number(), z.number()]);

/** Data of charts, thinned to some 300 points a line. */
export const curvesSchema = z.strictObject({
  /** False positive rate, true positive rate. */
  roc: z.array(point).optional(),
  /** Recall, precision. */
  precisionRecall: z.array(point).optional(),
  /** Of a binary classifier as its threshold moves. */
  thresholds: z
    .array(
      z.strictObject({
        threshold: z.number(),
        precision: z.number().nullable(),
        recall: z.number().nullable(),
        f1: z.number().nullable(),
        selectionRate: z.number(),
      }),
    )
    .optional(),
  /** Prediction minus target. `edges` has one entry more than `counts`. */
  residuals: z.strictObject({ edges: z.array(z.number()), counts: z.array(z.int()) }).optional(),
  /** Target, prediction of some rows, evenly spread over the split. */
  predictions: z.array(point).optional(),
});
export type Curves = z.infer<typeof curvesSchema>;

export const classResultSchema = z.strictObject({
  label: classLabelSchema,
  rows: z.int(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
});
export type ClassResult = z.infer<typeof classResultSchema>;

/** Rates of a group of rows, for fairness. */
export const groupRatesSchema = z.strictObject({
  value: sliceValueSchema,
  rows: z.int(),
  /** Share of rows predicted positive, with its Wilson interval. */
  selectionRate: z.number().nullable(),
  selectionRateInterval: intervalSchema.optional(),
  truePositiveRate: z.number().nullable(),
  falsePositiveRate: z.number().nullable(),
  ece: z.number().nullable(),
});
export type GroupRates = z.infer<typeof groupRatesSchema>;

export const fairnessResultSchema = z.strictObject({
  column: z.string(),
  groups: z.array(groupRatesSchema),
  /** Groups with fewer rows are shown but left out of the differences. */
  minRows: z.int(),
  /** By `fairnessMetrics`; null where fewer than two groups have a value. */
  metrics: metricValuesSchema,
  intervals: intervalsSchema,
});
export type FairnessResult = z.infer<typeof fairnessResultSchema>;

/** Something that a reader must know of how far the figures can be trusted. */
export const evaluationWarningSchema = z.strictObject({
  /** Such as `one-class`, `constant-target`, `few-rows`, `empty-slice`, `calibration`. */
  code: z.string(),
  message: z.string(),
});
export type EvaluationWarning = z.infer<typeof evaluationWarningSchema>;

/** A column of the predictions: a NumPy file beside the evaluation, one entry a row of the split, in its order. */
const predictionFile = fileDigestSchema.extend({ file: z.string() });

/**
 * The model's answers beside the truth, kept so that another model can be compared on the same rows without the data.
 * Paths relative to the evaluation folder.
 */
export const predictionsSchema = z.strictObject({
  rows: z.int(),
  /**
   * float32 or float64, `[rows]` or `[rows, classes]`: scores, or predictions of a regression. Absent, as the truth is, where
   * an evaluation script wrote metrics of each row alone.
   */
  scores: predictionFile.optional(),
  /** uint8 or uint16 class indices, float64 targets, or float64 relevance. */
  truth: predictionFile.optional(),
  /** float64. */
  weights: predictionFile.optional(),
  /** uint32 codes of `evaluation.groupBy`. */
  groups: predictionFile.optional(),
  /** Ranking: uint32 codes of the queries. */
  queries: predictionFile.optional(),
  /** By slice of the config: uint8, uint16 or uint32 codes into `values`; the last code is of all values left out. */
  slices: z.record(z.string(), predictionFile.extend({ values: z.array(sliceValueSchema) })),
  /** Of an evaluation script that wrote a metric for each row: float64, their mean is the metric. */
  rowMetrics: z.record(z.string(), predictionFile).optional(),
});
export type Predictions = z.infer<typeof predictionsSchema>;

/** `evaluation.json`: a model measured on a split. Cached, so it holds no clock and no host. */
export const evaluationSchema = z.strictObject({
  version: z.literal(2),
  /** Nx project. */
  model: z.string(),
  task: z.enum(tasks),
  modelSha256: z.string(),
  /** Bytes of the model file. */
  modelSize: z.int(),
  test: z.strictObject({ dataset: z.string(), split: z.string(), sha256: z.string(), rows: z.int() }),
  /** Of the intervals, such as 0.95. */
  confidence: z.number(),
  metrics: metricValuesSchema,
  intervals: intervalsSchema,
  /** Of every metric above. */
  directions: z.record(z.string(), z.enum(metricDirections)),
  /** What a model that ignores its features reaches on the same rows. */
  baseline: z.strictObject({ strategy: z.string(), metrics: metricValuesSchema }),
  classes: z.array(classLabelSchema).optional(),
  /** Binary classification: a score at or above it counts as positive. */
  threshold: z.number().optional(),
  /** Where the threshold was chosen by a rule: on which split, and the rule in words. */
  thresholdChosen: z
    .strictObject({ dataset: z.string(), split: z.string(), sha256: z.string(), rule: z.string() })
    .optional(),
  /** Classification: rows by true class, columns by predicted class, in the order of `classes`. */
  confusion: z.array(z.array(z.number())).optional(),
  perClass: z.array(classResultSchema).optional(),
  calibration: calibrationSchema.optional(),
  curves: curvesSchema.optional(),
  /** The largest of each column first; slices that were left out are told of in the warnings. */
  slices: z.array(sliceResultSchema),
  fairness: z.array(fairnessResultSchema),
  warnings: z.array(evaluationWarningSchema),
  /** Absent where an evaluation script wrote metrics alone. */
  predictions: predictionsSchema.optional(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** `performance.json`: what depends on the machine, beside the evaluation, so that the evaluation itself repeats. */
export const performanceSchema = z.strictObject({
  version: z.literal(1),
  modelSha256: z.string(),
  /** By `performanceMetricDefinitions`. */
  metrics: metricValuesSchema,
  /** Such as `AMD EPYC, linux x64, Node 20.20.2, ONNX Runtime 1.30.0`. */
  measuredOn: z.string(),
});
export type Performance = z.infer<typeof performanceSchema>;
