import type { Comparison } from '../../manifest/gate-report';
import type { PairedDifference } from './paired-difference';

/**
 * The verdict on a difference:
 * `better` when the lower bound is above 0; `non-inferior` when it is above -margin; `worse` when the whole interval is
 * below 0 (and, of several slices, Holm's p at or below alpha too); else `inconclusive`, with the rows that would do:
 * n = (z(1-alpha) + z(0.9))^2 sd^2 / margin^2, sd^2 = rows × standardError^2.
 *
 * @param margin in units of the metric, at least 0
 * @param adjustedPWorse `pWorse` after Holm, where the gate judges several slices
 */
export function judgeDifference(
  difference: PairedDifference,
  options: { readonly margin: number; readonly alpha: number; readonly adjustedPWorse?: number },
): Comparison {
  throw new Error(`contract only: ${difference.rows} ${options.margin}`);
}
