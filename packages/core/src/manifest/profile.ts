import { z } from 'zod';
import { columnTypeSchema } from '../config/dataset-config';

const valueSchema = z.union([z.string(), z.boolean(), z.number()]);

/**
 * The stored distribution of one column. All of it can be added up, given the same bins and the same vocabulary:
 * `mergeProfiles`.
 */
const columnProfile = z.strictObject({
  name: z.string(),
  type: columnTypeSchema,
  /** Rows, missing ones included. */
  rows: z.int(),
  missing: z.int(),
  /** Exact where `top` holds every value, else read from the sketch: a standard error of 1.6 %, less below 4000. */
  distinct: z.int(),
  /** HyperLogLog, see `DistinctSketch`. */
  sketch: z.string().optional(),
  minimum: z.union([z.number(), z.string()]).optional(),
  maximum: z.union([z.number(), z.string()]).optional(),
  /** Numeric: values that are neither missing nor infinite, over which the figures below are. */
  finite: z.int().optional(),
  mean: z.number().optional(),
  /** Sample standard deviation. */
  standardDeviation: z.number().optional(),
  /** Sum of squared deviations from the mean. */
  squaredDeviations: z.number().optional(),
  /**
   * Numeric: bins [edge_i, edge_i+1), the last one closed; counts has one entry fewer than edges. The edges are
   * quantiles of the reference split; what other splits have below and above is in `under` and `over`.
   */
  histogram: z
    .strictObject({
      edges: z.array(z.number()),
      counts: z.array(z.int()),
      under: z.int().optional(),
      over: z.int().optional(),
    })
    .optional(),
  /**
   * Text and booleans, and numbers with few distinct values: the most frequent values of the reference split, there
   * falling, each with its rows here, which may be none; and how many rows hold any other.
   */
  top: z.array(z.tuple([valueSchema, z.int()])).optional(),
  otherCount: z.int().optional(),
});
export type ColumnProfile = z.infer<typeof columnProfile>;

/** `<split>.profile.json`: against it drift is measured. Holds no clock, path or host. */
export const profileSchema = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  split: z.string(),
  /** Of the split's file; of a merged profile, of the digests of its parts. */
  sha256: z.string(),
  rows: z.int(),
  columns: z.array(columnProfile),
});
export type Profile = z.infer<typeof profileSchema>;

/** A value of a cell as reports show it; dates and times as text. */
const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A row that breaks an expectation. */
export const exampleRowSchema = z.strictObject({
  /** Number of the row in the split's file, from 1. */
  row: z.int().min(1),
  /** The columns that the check looked at, by name. */
  values: z.record(z.string(), cellSchema),
});
export type ExampleRow = z.infer<typeof exampleRowSchema>;

/** Most example rows of a check. */
export const MOST_EXAMPLE_ROWS = 20;

/**
 * One check of the validation of a split. `warn` and `info` are expectations that do not hold and are not severe
 * enough to fail the task; `skip` is one that could not be judged, with the reason in `because`.
 */
export const checkResultSchema = z.strictObject({
  check: z.string(),
  split: z.string(),
  column: z.string().optional(),
  verdict: z.enum(['pass', 'fail', 'warn', 'info', 'skip']),
  because: z.string(),
  /** Rows that break the expectation, where countable. */
  failingRows: z.int().optional(),
  /** At most MOST_EXAMPLE_ROWS of those, the first ones of the file. */
  examples: z.array(exampleRowSchema).max(MOST_EXAMPLE_ROWS).optional(),
  /** What was measured and what it was held against, where the check compares one number with another. */
  measured: z.number().optional(),
  limit: z.number().optional(),
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
