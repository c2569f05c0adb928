import type { ComparisonTestChoice } from '../../config/gate-config';
import { parseMetric, type MetricDirection, type MetricName } from '../../config/metrics';
import { MlopsError } from '../../errors/mlops-error';
import type { Comparison } from '../../manifest/gate-report';
import { checkSameLength } from '../check-input';
import { normalCdf, normalQuantile } from '../distributions/normal';
import { bootstrapValues, quantileOfSorted, REPLICATES } from '../intervals/bootstrap';
import { deLongStandardError, suitsDeLong } from '../intervals/delong';
import { jackknifeStandardError } from '../intervals/jackknife';
import { sampleMetrics } from '../intervals/sample-metrics';
import { meanMetric } from '../intervals/sum-metric';
import { unitCount } from '../intervals/units';
import { ownValue, type Entries, type WeightedMetric } from '../intervals/weighted-metric';
import { rowsOf, type Sample } from '../sample';
import { discordantRows } from './discordant-rows';
import { mcnemarP, mcnemarPWorse, mcnemarStandardError, tangoInterval } from './mcnemar';

/** Up to so many rows or groups the bootstrap is affordable; beyond, the jackknife is as good. */
const BOOTSTRAP_LIMIT = 2_000;

/** How two models differ in a metric on the same rows, sign-normalised: above 0, the challenger is better. */
export interface PairedDifference {
  readonly difference: number;
  /** Lower and upper confidence bound, each one-sided at alpha. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p of no difference. */
  readonly p: number;
  /** One-sided p of "the challenger is not worse": small when it is worse. */
  readonly pWorse: number;
  readonly standardError: number;
  readonly test: Comparison['test'];
  readonly rows: number;
}

export interface PairedOptions {
  readonly test?: ComparisonTestChoice;
  /** One-sided, such as 0.05. */
  readonly alpha: number;
  /** Of the bootstrap. */
  readonly seed?: number;
}

/**
 * Compares two models in one metric on the same rows, or on groups where the samples have them.
 *
 * `auto` is DeLong's test for the area under the ROC curve where its rows count alike, are independent and are at least
 * 10 of each class; else the bootstrap up to 2,000 rows or groups, and the jackknife beyond. `delong` on weighted or
 * grouped rows is the bootstrap or the jackknife of the same components, and `test` of the result says which.
 *
 * @param challenger of the same rows as the champion, in the same order, with the same truth, weights and groups
 * @returns undefined where the metric is not defined on these rows for one of them
 * @throws MlopsError MLOPS_LENGTH_MISMATCH; MLOPS_METRIC_UNFIT for a metric that the task does not have or that no test
 *   can compare (`max-error`), and for a test that does not fit the metric or the rows
 */
export function pairedDifference(
  challenger: Sample,
  champion: Sample,
  metric: MetricName,
  options: PairedOptions,
): PairedDifference | undefined {
  const rows = rowsOf(challenger);
  checkSameLength('rows of the challenger', rows, 'rows of the champion', rowsOf(champion));
  const { entries, metric: ours } = sampleMetrics(challenger);
  const { metric: theirs } = sampleMetrics(champion);
  const [one, other] = [ours(metric), theirs(metric)];
  if (one === undefined || other === undefined) {
    throw unfit(
      `"${metric}" hangs on a single row, so no test can tell whether two models differ in it. Compare them in another metric, or set a limit with "max".`,
    );
  }
  const { test = 'auto', alpha, seed } = options;
  const plain = entries.weights === undefined && entries.groups === undefined;
  if (test === 'mcnemar') {
    if (metric !== 'accuracy') throw unfit(`"mcnemar" is a test of accuracy, not of ${metric}.`);
    if (!plain) {
      throw unfit(
        '"mcnemar" takes rows that count alike and are independent of each other, and these have weights or groups. Leave "test" out.',
      );
    }
    return rows === 0 ? undefined : byMcNemar(challenger, champion, alpha);
  }
  if (test === 'delong' && metric !== 'roc-auc') {
    throw unfit(`"delong" is a test of roc-auc, not of ${metric}.`);
  }
  const gain = differenceOf(one, other, parseMetric(metric)?.definition.direction ?? 'higher');
  const difference = ownValue(gain, entries);
  if (difference === null) return undefined;
  if (
    challenger.task === 'binary-classification' &&
    metric === 'roc-auc' &&
    test !== 'bootstrap' &&
    plain &&
    suitsDeLong(challenger.labels)
  ) {
    return byNormal(difference, deLongStandardError(gain, challenger.labels), alpha, {
      test: 'delong',
      rows,
    });
  }
  return byResampling(gain, difference, entries, { test, alpha, seed, rows });
}

/** The same for a metric that a script wrote for each row. */
export function pairedMeanDifference(
  challenger: Float64Array,
  champion: Float64Array,
  direction: MetricDirection,
  options: PairedOptions & { readonly groups?: Uint32Array; readonly weights?: Float64Array },
): PairedDifference | undefined {
  const rows = challenger.length;
  checkSameLength('values of the challenger', rows, 'values of the champion', champion.length);
  const { test = 'auto', alpha, seed, groups, weights } = options;
  if (test === 'delong' || test === 'mcnemar') {
    throw unfit(`"${test}" is no test of a metric that a script writes. Leave "test" out.`);
  }
  const entries = {
    count: rows,
    ...(weights === undefined ? {} : { weights }),
    ...(groups === undefined ? {} : { groups }),
  };
  const sign = direction === 'higher' ? 1 : -1;
  const gain = meanMetric(
    challenger.map((value, row) => sign * (value - (champion[row] as number))),
    [-Infinity, Infinity],
  );
  const difference = ownValue(gain, entries);
  return difference === null
    ? undefined
    : byResampling(gain, difference, entries, { test, alpha, seed, rows });
}

/** One metric minus another at the same weights, its sign turned where lower is better. */
function differenceOf(
  one: WeightedMetric,
  other: WeightedMetric,
  direction: MetricDirection,
): WeightedMetric {
  const sign = direction === 'higher' ? 1 : -1;
  return {
    valueAt: (weights) => {
      const value = one.valueAt(weights);
      const otherValue = other.valueAt(weights);
      // Adding 0 makes 0 of -0.
      return value === null || otherValue === null ? null : sign * (value - otherValue) + 0;
    },
    derivativesAt: (weights) => {
      const derivatives = one.derivativesAt(weights);
      const others = other.derivativesAt(weights);
      for (let entry = 0; entry < derivatives.length; entry++) {
        derivatives[entry] = sign * ((derivatives[entry] as number) - (others[entry] as number));
      }
      return derivatives;
    },
    range: [-Infinity, Infinity],
  };
}

function byResampling(
  gain: WeightedMetric,
  difference: number,
  entries: Entries,
  options: PairedOptions & { readonly rows: number },
): PairedDifference | undefined {
  const { test, alpha, seed, rows } = options;
  const units = unitCount(entries);
  if (units < 2) return undefined;
  if (units > BOOTSTRAP_LIMIT && test !== 'bootstrap') {
    return byNormal(difference, jackknifeStandardError(gain, entries), alpha, { test: 'jackknife', rows });
  }
  const [values] = bootstrapValues([gain], entries, seed);
  return values === undefined ? undefined : byPercentiles(difference, values, alpha, rows);
}

/** @param values of the replicates, sorted */
function byPercentiles(
  difference: number,
  values: Float64Array,
  alpha: number,
  rows: number,
): PairedDifference {
  const floored = (count: number) => Math.max(count / values.length, 1 / REPLICATES);
  const pWorse = floored(values.reduce((count, value) => count + (value >= 0 ? 1 : 0), 0));
  const pBetter = floored(values.reduce((count, value) => count + (value <= 0 ? 1 : 0), 0));
  return {
    difference,
    low: quantileOfSorted(values, alpha),
    high: quantileOfSorted(values, 1 - alpha),
    p: Math.min(1, 2 * Math.min(pWorse, pBetter)),
    pWorse,
    standardError: standardDeviation(values),
    test: 'bootstrap',
    rows,
  };
}

function byNormal(
  difference: number,
  standardError: number,
  alpha: number,
  what: Pick<PairedDifference, 'test' | 'rows'>,
): PairedDifference {
  const reach = normalQuantile(1 - alpha) * standardError;
  // Without any noise a difference is sure, and no difference is sure as well.
  const z = difference === 0 ? 0 : difference / standardError;
  return {
    difference,
    low: difference - reach,
    high: difference + reach,
    p: Math.min(1, 2 * normalCdf(-Math.abs(z))),
    pWorse: standardError === 0 && difference === 0 ? 1 : normalCdf(z),
    standardError,
    ...what,
  };
}

function byMcNemar(challenger: Sample, champion: Sample, alpha: number): PairedDifference {
  const differing = discordantRows(challenger, champion);
  const { gained, lost, rows } = differing;
  const [low, high] = samePredictions(challenger, champion) ? [0, 0] : tangoInterval(differing, alpha);
  return {
    difference: (gained - lost) / rows,
    low,
    high,
    p: mcnemarP(differing),
    pWorse: mcnemarPWorse(differing),
    standardError: mcnemarStandardError(differing),
    test: 'mcnemar',
    rows,
  };
}

/** The same model twice, of which no number of rows will ever show a difference. */
function samePredictions(challenger: Sample, champion: Sample): boolean {
  return challenger.scores.every((score, index) => score === champion.scores[index]);
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function unfit(message: string): MlopsError {
  return new MlopsError('MLOPS_METRIC_UNFIT', message);
}
