import { z } from 'zod';
import { tasks } from '../config/metrics';
import { columnTypeSchema } from '../config/dataset-config';
import { fileDigestSchema } from './column';
import { tensorTypes } from './tensor-types';

export const tensorSchema = z.strictObject({
  name: z.string(),
  type: z.enum(tensorTypes),
  /** A dimension that the model leaves open, such as the number of rows, is -1. */
  shape: z.array(z.int().min(-1)),
});
export type TensorSignature = z.infer<typeof tensorSchema>;

/**
 * How a model takes its rows: `columns`, one input a feature by name, each `[rows]` or `[rows, 1]`; `matrix`, one
 * numeric input `[rows, features]` in the order of the features; `custom`, anything else.
 */
export const inputLayouts = ['columns', 'matrix', 'custom'] as const;
export type InputLayout = (typeof inputLayouts)[number];

/** A class label as it stands in the data. */
export const classLabelSchema = z.union([z.string(), z.number(), z.boolean()]);
export type ClassLabel = z.infer<typeof classLabelSchema>;

/**
 * `model.manifest.json`: the model as a result. It holds no clock, host, path or parameter: equal results give equal
 * bytes, so a retraining that gives the same model leaves the evaluation valid. How it came about is in `run.json`.
 */
export const modelManifestSchema = z.strictObject({
  version: z.literal(1),
  /** Nx project. */
  model: z.string(),
  task: z.enum(tasks),
  file: fileDigestSchema,
  features: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })).min(1),
  target: z.string(),
  /** Classification: the labels, in the order of the scores. Binary: negative, then positive. */
  classes: z.array(classLabelSchema).min(2).optional(),
  inputLayout: z.enum(inputLayouts),
  inputs: z.array(tensorSchema).min(1),
  outputs: z.array(tensorSchema).min(1),
  /** The output that holds the scores, `[rows]`, `[rows, 1]` or `[rows, classes]`; absent for a custom task. */
  scoreOutput: z.string().optional(),
  /** Splits that it learned from, by role: `train`, `validation`. */
  datasets: z.record(
    z.string(),
    z.strictObject({ dataset: z.string(), split: z.string(), sha256: z.string(), rows: z.int() }),
  ),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
