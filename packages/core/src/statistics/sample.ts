import type { FloatArray } from './numbers';

/**
 * A model's answers beside the truth, one entry a row: what metrics, intervals and comparisons are computed on.
 */
export type Sample = BinarySample | MulticlassSample | RegressionSample | RankingSample;

interface RowProperties {
  /** Weight of each row, finite, at least 0, not all 0. All rows count alike when left out. */
  readonly weights?: Float64Array;
  /** Code of the group that each row belongs to: rows of a group are not independent of each other. */
  readonly groups?: Uint32Array;
}

export interface BinarySample extends RowProperties {
  readonly task: 'binary-classification';
  /** Probability of the positive class, `[rows]`. */
  readonly scores: FloatArray;
  /** 1 for the positive class, else 0. */
  readonly labels: Uint8Array;
  /** A score at or above it is predicted positive. */
  readonly threshold: number;
}

export interface MulticlassSample extends RowProperties {
  readonly task: 'multiclass-classification';
  /** Probabilities, row-major `[rows, classCount]`. */
  readonly scores: FloatArray;
  /** Class index of each row, in the order of the scores. */
  readonly labels: Uint16Array;
  readonly classCount: number;
}

export interface RegressionSample extends RowProperties {
  readonly task: 'regression';
  /** Predictions in units of the target. */
  readonly scores: FloatArray;
  readonly targets: Float64Array;
}

export interface RankingSample extends RowProperties {
  readonly task: 'ranking';
  /** Rows of a query are ranked by falling score; of equal scores, by their mean over all orders where it is said so. */
  readonly scores: FloatArray;
  /** How relevant each row is to its query, at least 0; above 0 is relevant. */
  readonly relevance: Float64Array;
  /** Code of the query that each row belongs to. */
  readonly queries: Uint32Array;
}

/** Rows of a sample. */
export function rowsOf(sample: Sample): number {
  switch (sample.task) {
    case 'binary-classification':
    case 'multiclass-classification':
      return sample.labels.length;
    case 'regression':
      return sample.targets.length;
    case 'ranking':
      return sample.relevance.length;
  }
}

/**
 * Some rows of a sample, in the order given; a row may come more than once.
 *
 * @param rows row numbers, each below `rowsOf(sample)`
 */
export function takeRows<Kind extends Sample>(sample: Kind, rows: Uint32Array): Kind;
export function takeRows(sample: Sample, rows: Uint32Array): Sample {
  const shared = {
    ...(sample.weights === undefined ? {} : { weights: pick(sample.weights, rows) }),
    ...(sample.groups === undefined ? {} : { groups: pick(sample.groups, rows) }),
  };
  switch (sample.task) {
    case 'binary-classification':
      return { ...sample, ...shared, scores: pick(sample.scores, rows), labels: pick(sample.labels, rows) };
    case 'multiclass-classification':
      return {
        ...sample,
        ...shared,
        scores: pick(sample.scores, rows, sample.classCount),
        labels: pick(sample.labels, rows),
      };
    case 'regression':
      return { ...sample, ...shared, scores: pick(sample.scores, rows), targets: pick(sample.targets, rows) };
    case 'ranking':
      return {
        ...sample,
        ...shared,
        scores: pick(sample.scores, rows),
        relevance: pick(sample.relevance, rows),
        queries: pick(sample.queries, rows),
      };
  }
}

/** @param perRow values a row */
function pick<Values extends Uint8Array | Uint16Array | Uint32Array | FloatArray>(
  values: Values,
  rows: Uint32Array,
  perRow = 1,
): Values {
  const taken = new (values.constructor as new (length: number) => Values)(rows.length * perRow);
  if (perRow === 1) {
    for (let index = 0; index < rows.length; index++) taken[index] = values[rows[index] as number] as number;
    return taken;
  }
  for (let index = 0; index < rows.length; index++) {
    const from = (rows[index] as number) * perRow;
    for (let at = 0; at < perRow; at++) taken[index * perRow + at] = values[from + at] as number;
  }
  return taken;
}
