import type { FairnessMetric } from '../config/gate-config';
import type { FairnessResult, GroupRates, Interval, SliceValue } from '../manifest/evaluation';
import { areProbabilities } from './check-input';
import { independentTrials } from './independent-trials';
import { wilsonInterval } from './intervals/wilson-interval';
import type { Proportion } from './intervals/weighted-metric';
import { measureSample } from './measure-sample';
import { classesByThreshold } from './predicted-classes';
import { takeRows, type BinarySample } from './sample';

export interface FairnessOptions {
  /** Groups with fewer rows are shown, and left out of the differences. */
  readonly minRows: number;
  /** Of the intervals, such as 0.95. */
  readonly confidence: number;
}

/**
 * Rates of each group of rows and how far they lie apart. Groups with fewer than `minRows` rows are shown, and left out
 * of the differences; so are groups in which a rate is not defined. A difference is null where fewer than two are left.
 *
 * The interval of a difference or ratio is that of the largest over all pairs of groups, with Bonferroni's correction for
 * their number: that these two groups lie furthest apart was seen on the same rows. A pair's interval is put together
 * from the Wilson intervals of its two shares. The calibration error has none: noise alone raises it.
 *
 * @param groups rows of each value of the column
 * @throws MlopsError as `measureSample`
 * Sources: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
 *   Medicine 17, 1998 (method 10); G. Y. Zou and A. Donner, Construction of confidence limits about effect measures: a
 *   general approach, Statistics in Medicine 27, 2008 (the ratio, by logarithms).
 */
export function groupFairness(
  sample: BinarySample,
  column: string,
  groups: readonly { readonly value: SliceValue; readonly rows: Uint32Array }[],
  { minRows, confidence }: FairnessOptions,
): FairnessResult {
  const predicted = classesByThreshold(sample.scores, sample.threshold);
  const hasProbabilities = areProbabilities(sample.scores);
  const measured = groups.map(({ value, rows }): MeasuredGroup => {
    const isSelected = (row: number) => predicted[row] === 1;
    const shareOf = (label: number | undefined) =>
      independentTrials(
        sample,
        label === undefined ? rows : rows.filter((row) => sample.labels[row] === label),
        isSelected,
      );
    return {
      value,
      rows: rows.length,
      selection: shareOf(undefined),
      truePositive: shareOf(1),
      falsePositive: shareOf(0),
      ece: hasProbabilities ? (measureSample(takeRows(sample, rows), ['ece'])['ece'] ?? null) : null,
    };
  });
  const compared = measured.filter(({ rows }) => rows >= minRows);
  const differences = {
    'selection-rate-difference': differenceOf(compared, 'selection', confidence),
    'selection-rate-ratio': ratioOf(compared, 'selection', confidence),
    'tpr-difference': differenceOf(compared, 'truePositive', confidence),
    'fpr-difference': differenceOf(compared, 'falsePositive', confidence),
    'ece-difference': { value: spreadOf(compared.map(({ ece }) => ece)) },
  } satisfies Record<FairnessMetric, Difference>;
  return {
    column,
    groups: measured.map((group) => ratesOf(group, confidence)),
    minRows,
    metrics: Object.fromEntries(Object.entries(differences).map(([name, { value }]) => [name, value])),
    intervals: Object.fromEntries(
      Object.entries<Difference>(differences).flatMap(([name, { interval }]) =>
        interval === undefined ? [] : [[name, interval] as const],
      ),
    ),
  };
}

/** Shares as of independent trials; undefined where no row of the group counts for one. */
interface MeasuredGroup extends Pick<GroupRates, 'value' | 'rows' | 'ece'> {
  readonly selection: Proportion | undefined;
  readonly truePositive: Proportion | undefined;
  readonly falsePositive: Proportion | undefined;
}
type Rate = 'selection' | 'truePositive' | 'falsePositive';

interface Difference {
  readonly value: number | null;
  readonly interval?: Interval;
}

function ratesOf(group: MeasuredGroup, confidence: number): GroupRates {
  const { value, rows, selection, truePositive, falsePositive, ece } = group;
  return {
    value,
    rows,
    selectionRate: rateOf(selection),
    ...(selection === undefined ? {} : { selectionRateInterval: wilsonInterval(selection, confidence) }),
    truePositiveRate: rateOf(truePositive),
    falsePositiveRate: rateOf(falsePositive),
    ece,
  };
}

function rateOf(proportion: Proportion | undefined): number | null {
  return proportion === undefined ? null : proportion.successes / proportion.trials;
}

/** Largest minus smallest. */
function spreadOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}

function differenceOf(groups: readonly MeasuredGroup[], rate: Rate, confidence: number): Difference {
  const value = spreadOf(groups.map((group) => rateOf(group[rate])));
  if (value === null) return { value };
  const pairs = pairsOf(groups, rate, confidence).map(([a, b]) => ({
    low: a.share - b.share - Math.hypot(a.share - a.low, b.high - b.share),
    high: a.share - b.share + Math.hypot(a.high - a.share, b.share - b.low),
  }));
  const low = Math.max(0, ...pairs.map((pair) => pair.low));
  const high = Math.min(1, Math.max(...pairs.map((pair) => pair.high)));
  return { value, interval: { low, high, method: 'wilson' } };
}

/** Smallest over largest share; null where all are 0. */
function ratioOf(groups: readonly MeasuredGroup[], rate: Rate, confidence: number): Difference {
  const shares = groups.map((group) => rateOf(group[rate])).filter((share) => share !== null);
  const largest = Math.max(...shares);
  if (shares.length < 2 || largest === 0) return { value: null };
  const pairs = pairsOf(groups, rate, confidence)
    .filter(([, b]) => b.share > 0)
    .map(([a, b]) => {
      const upwards = Math.log(b.share / b.low);
      // The limit of the formula as the share goes to 0.
      if (a.share === 0) return { low: 0, high: a.high / b.share };
      const ratio = a.share / b.share;
      return {
        low: ratio * Math.exp(-Math.hypot(Math.log(a.share / a.low), Math.log(b.high / b.share))),
        high: ratio * Math.exp(Math.hypot(Math.log(a.high / a.share), upwards)),
      };
    });
  return {
    value: Math.min(...shares) / largest,
    interval: {
      low: Math.min(...pairs.map(({ low }) => low)),
      high: Math.min(1, ...pairs.map(({ high }) => high)),
      method: 'wilson',
    },
  };
}

interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Each two groups both ways round, with intervals that all pairs together miss no more often than one would. */
function pairsOf(groups: readonly MeasuredGroup[], rate: Rate, confidence: number): [Share, Share][] {
  const known = groups.map((group) => group[rate]).filter((proportion) => proportion !== undefined);
  const pairs = (known.length * (known.length - 1)) / 2;
  const corrected = 1 - (1 - confidence) / pairs;
  const shares = known.map((proportion): Share => ({
    share: proportion.successes / proportion.trials,
    ...wilsonInterval(proportion, corrected),
  }));
  return shares.flatMap((a, index) =>
    shares.filter((_, other) => other !== index).map((b): [Share, Share] => [a, b]),
  );
}
