import { z } from 'zod';
import { columnTypeSchema } from '../config/dataset-config';

/** The stored distribution of one column. */
const columnProfile = z.strictObject({
  name: z.string(),
  type: columnTypeSchema,
  /** Rows, missing ones included. */
  rows: z.int(),
  missing: z.int(),
  /** About; exact below a few thousand. */
  distinct: z.int(),
  minimum: z.union([z.number(), z.string()]).optional(),
  maximum: z.union([z.number(), z.string()]).optional(),
  mean: z.number().optional(),
  /** Sample standard deviation. */
  standardDeviation: z.number().optional(),
  /** Numeric: bins [edge_i, edge_i+1), the last one closed; counts has one entry fewer than edges. */
  histogram: z.strictObject({ edges: z.array(z.number()), counts: z.array(z.int()) }).optional(),
  /** Categorical: the most frequent values, falling, and how many rows hold any other. */
  top: z.array(z.tuple([z.union([z.string(), z.boolean(), z.number()]), z.int()])).optional(),
  otherCount: z.int().optional(),
});
export type ColumnProfile = z.infer<typeof columnProfile>;

/** `<split>.profile.json`: against it drift is measured. */
export const profileSchema = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  split: z.string(),
  sha256: z.string(),
  rows: z.int(),
  columns: z.array(columnProfile),
});
export type Profile = z.infer<typeof profileSchema>;

/** One check of the validation of a split. */
export const checkResultSchema = z.strictObject({
  check: z.string(),
  split: z.string(),
  column: z.string().optional(),
  verdict: z.enum(['pass', 'fail', 'warn']),
  because: z.string(),
  /** Rows that break the expectation, where countable. */
  failingRows: z.int().optional(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

/** `validation.json` */
export const validationSchema = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  passed: z.boolean(),
  checks: z.array(checkResultSchema).min(1),
});
export type Validation = z.infer<typeof validationSchema>;
