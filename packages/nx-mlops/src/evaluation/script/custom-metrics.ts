import {
  meanInterval,
  weightedMean,
  type EvaluationConfig,
  type Evaluation,
  type Interval,
  type SliceResult,
} from '@nx-mlops/core';
import { rowsByValue } from '../coded-column';
import type { DescribedRows } from '../describe-rows';
import type { ScriptOutput } from './script-output';

/** What an evaluation says of the metrics that a script brought. */
export type CustomMeasurements = Pick<Evaluation, 'metrics' | 'intervals' | 'directions' | 'slices'>;

/**
 * The metrics that a script wrote: those of each row as their mean with its interval, by slice too; the others as they
 * are.
 *
 * @returns one slice for each value of each slice column, in their order, as `sliceResults` gives them
 */
export function customMeasurements(
  output: Pick<ScriptOutput, 'metrics' | 'intervals' | 'rowMetrics'>,
  rows: DescribedRows,
  { customMetrics, confidence }: Pick<EvaluationConfig, 'customMetrics' | 'confidence'>,
): CustomMeasurements {
  const metrics = { ...output.metrics };
  const intervals = { ...output.intervals };
  for (const [name, values] of output.rowMetrics) {
    const { value, interval } = meanOf(values, rows, confidence);
    metrics[name] = value;
    if (interval !== undefined) intervals[name] = interval;
  }
  return {
    metrics,
    intervals,
    directions: Object.fromEntries(
      Object.entries(customMetrics).map(([name, { direction }]) => [name, direction]),
    ),
    slices: output.rowMetrics.size === 0 ? [] : slicesOf(output.rowMetrics, rows, confidence),
  };
}

function slicesOf(
  rowMetrics: ScriptOutput['rowMetrics'],
  { weights, groups, slices }: DescribedRows,
  confidence: number,
): SliceResult[] {
  return slices
    .filter(({ kind }) => kind !== 'fairness')
    .flatMap((column) =>
      rowsByValue(column).map((rows, code): SliceResult => {
        const part = {
          ...(weights === undefined
            ? {}
            : { weights: Float64Array.from(rows, (row) => weights[row] as number) }),
          ...(groups === undefined ? {} : { groups: Uint32Array.from(rows, (row) => groups[row] as number) }),
        };
        const result: SliceResult = {
          column: column.name,
          kind: column.kind === 'fairness' ? 'declared' : column.kind,
          value: column.values[code] ?? null,
          rows: rows.length,
          metrics: {},
          intervals: {},
        };
        for (const [name, values] of rowMetrics) {
          const taken = Float64Array.from(rows, (row) => values[row] as number);
          const { value, interval } = meanOf(taken, part, confidence);
          result.metrics[name] = value;
          if (interval !== undefined) result.intervals[name] = interval;
        }
        return result;
      }),
    );
}

function meanOf(
  values: Float64Array,
  { weights, groups }: Pick<DescribedRows, 'weights' | 'groups'>,
  confidence: number,
): { readonly value: number | null; readonly interval: Interval | undefined } {
  const options = {
    confidence,
    ...(weights === undefined ? {} : { weights }),
    ...(groups === undefined ? {} : { groups }),
  };
  return {
    value: weightedMean(values.length, (row) => values[row] as number, weights),
    interval: meanInterval(values, options),
  };
}
