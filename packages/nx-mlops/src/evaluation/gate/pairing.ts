import {
  measureSample,
  pairedDifference,
  pairedMeanDifference,
  parseMetric,
  takeRows,
  type FloatArray,
  type MetricDirection,
  type MetricName,
  type PairedDifference,
  type PairedOptions,
  type Sample,
} from '@nx-mlops/core';
import type { Champion, JudgedModel } from './judged-model';

/** Two models in one metric, row beside row. */
export interface Pairing {
  /** The champion's value; null where the metric is not defined on the rows. */
  championValue(rows?: Uint32Array): number | null;
  /** Undefined where the metric is not defined on the rows for one of the two. */
  difference(options: PairedOptions, rows?: Uint32Array): PairedDifference | undefined;
}

/**
 * @param direction of the metric
 * @returns undefined where the answers to each row are not there for both
 */
export function pairingOf(
  metric: string,
  direction: MetricDirection,
  { predictions }: JudgedModel,
  champion: Champion,
): Pairing | undefined {
  if (predictions === undefined) return undefined;
  const own = predictions.rowMetrics.get(metric);
  const others = champion.rowMetrics?.get(metric);
  if (own !== undefined && others !== undefined) {
    return remembered(pairedMeans(own, others, direction, predictions));
  }
  if (parseMetric(metric) === undefined) return undefined;
  if (predictions.sample === undefined || champion.sample === undefined) return undefined;
  return remembered(pairedSamples(predictions.sample, champion.sample, metric as MetricName));
}

/** Two gates that ask for the same are answered from one computation, which may be a bootstrap. */
function remembered(pairing: Pairing): Pairing {
  const values = new Map<Uint32Array | undefined, number | null>();
  const differences = new Map<Uint32Array | undefined, Map<string, PairedDifference | undefined>>();
  return {
    championValue(rows) {
      if (!values.has(rows)) values.set(rows, pairing.championValue(rows));
      return values.get(rows) as number | null;
    },
    difference(options, rows) {
      const known = differences.get(rows) ?? new Map<string, PairedDifference | undefined>();
      differences.set(rows, known);
      const key = JSON.stringify(options);
      if (!known.has(key)) known.set(key, pairing.difference(options, rows));
      return known.get(key);
    },
  };
}

function pairedSamples(challenger: Sample, champion: Sample, metric: MetricName): Pairing {
  const part = (sample: Sample, rows?: Uint32Array) => (rows === undefined ? sample : takeRows(sample, rows));
  return {
    championValue: (rows) => measureSample(part(champion, rows), [metric])[metric] ?? null,
    difference: (options, rows) =>
      pairedDifference(part(challenger, rows), part(champion, rows), metric, options),
  };
}

/** Of a metric that a script wrote for each row. */
function pairedMeans(
  challenger: FloatArray,
  champion: FloatArray,
  direction: MetricDirection,
  { weights, groups }: Pick<Sample, 'weights' | 'groups'>,
): Pairing {
  return {
    championValue(rows) {
      const values = valuesAt(champion, rows);
      return values.length === 0 ? null : weightedMean(values, weights && valuesAt(weights, rows));
    },
    difference(options, rows) {
      return pairedMeanDifference(valuesAt(challenger, rows), valuesAt(champion, rows), direction, {
        ...options,
        ...(weights === undefined ? {} : { weights: valuesAt(weights, rows) }),
        ...(groups === undefined
          ? {}
          : { groups: rows === undefined ? groups : Uint32Array.from(rows, (row) => groups[row] as number) }),
      });
    },
  };
}

function valuesAt(values: FloatArray, rows: Uint32Array | undefined): Float64Array {
  if (rows === undefined) return Float64Array.from(values);
  return Float64Array.from(rows, (row) => values[row] as number);
}

function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  let [sum, total] = [0, 0];
  values.forEach((value, row) => {
    const weight = weights?.[row] ?? 1;
    sum += weight * value;
    total += weight;
  });
  return sum / total;
}
