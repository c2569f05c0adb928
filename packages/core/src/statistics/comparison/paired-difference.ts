import type { ComparisonTestChoice } from '../../config/gate-config';
import type { MetricDirection, MetricName } from '../../config/metrics';
import type { Comparison } from '../../manifest/gate-report';
import type { Sample } from '../sample';

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
 * @param challenger of the same rows as the champion, in the same order, with the same truth, weights and groups
 * @returns undefined where the metric is not defined on these rows for one of them
 * @throws MlopsError MLOPS_LENGTH_MISMATCH, MLOPS_METRIC_UNFIT
 */
export function pairedDifference(
  challenger: Sample,
  champion: Sample,
  metric: MetricName,
  options: PairedOptions,
): PairedDifference | undefined {
  throw new Error(`contract only: ${challenger.task} ${champion.task} ${metric} ${options.alpha}`);
}

/** The same for a metric that a script wrote for each row. */
export function pairedMeanDifference(
  challenger: Float64Array,
  champion: Float64Array,
  direction: MetricDirection,
  options: PairedOptions & { readonly groups?: Uint32Array; readonly weights?: Float64Array },
): PairedDifference | undefined {
  throw new Error(`contract only: ${challenger.length} ${champion.length} ${direction} ${options.alpha}`);
}
