import type { Comparison } from '../../manifest/gate-report';
import { normalQuantile } from '../distributions/normal';
import type { PairedDifference } from './paired-difference';

/** A model as good as the champion passes this often with `rowsNeeded` rows. */
const POWER = 0.9;

/**
 * The verdict on a difference:
 * `better` when the lower bound is above 0; `non-inferior` when it is above -margin; `worse` when the whole interval is
 * below 0 (and, of several slices, Holm's p at or below alpha too); else `inconclusive`, with the rows that would do:
 * n = (z(1-alpha) + z(0.9))^2 sd^2 / margin^2, sd^2 = rows × standardError^2.
 *
 * Two models that do not differ in any row are `non-inferior` at a margin of 0 as well. `rowsNeeded` is left out where
 * the margin is 0, for no number would do, and where there are that many rows already: then it is the difference itself
 * that lies near the margin, and more rows are no remedy to promise.
 *
 * @param margin in units of the metric, at least 0
 * @param adjustedPWorse `pWorse` after Holm, where the gate judges several slices
 */
export function judgeDifference(
  difference: PairedDifference,
  options: { readonly margin: number; readonly alpha: number; readonly adjustedPWorse?: number },
): Comparison {
  const { margin, alpha, adjustedPWorse } = options;
  const { low, high, p, test, rows } = difference;
  const verdict = verdictOf(difference, options);
  const needed = verdict === 'inconclusive' ? rowsNeeded(difference, margin, alpha) : undefined;
  return {
    verdict,
    difference: difference.difference,
    low,
    high,
    confidence: 1 - 2 * alpha,
    margin,
    p,
    ...(adjustedPWorse === undefined ? {} : { adjustedP: adjustedPWorse }),
    test,
    rows,
    ...(needed === undefined ? {} : { rowsNeeded: needed }),
  };
}

function verdictOf(
  { low, high }: PairedDifference,
  { margin, alpha, adjustedPWorse }: Parameters<typeof judgeDifference>[1],
): Comparison['verdict'] {
  if (low > 0) return 'better';
  if (low > -margin || (low === 0 && high === 0)) return 'non-inferior';
  if (high < 0 && (adjustedPWorse ?? 0) <= alpha) return 'worse';
  return 'inconclusive';
}

function rowsNeeded(
  { rows, standardError }: PairedDifference,
  margin: number,
  alpha: number,
): number | undefined {
  if (margin === 0) return undefined;
  const reach = normalQuantile(1 - alpha) + normalQuantile(POWER);
  const needed = Math.ceil((reach * standardError * Math.sqrt(rows)) ** 2 / margin ** 2);
  return needed > rows && Number.isSafeInteger(needed) ? needed : undefined;
}
