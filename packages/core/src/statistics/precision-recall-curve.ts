import { checkFinite, checkLabels, checkSameLength } from './check-input';
import { checkedPointCount, CurveThinning } from './curve-thinning';
import type { FloatArray } from './numbers';
import { forEachScoreDescending, scoresByClass } from './scores-by-class';

export interface PrecisionRecallPoint {
  /** In [0, 1], never falling along the curve. */
  readonly recall: number;
  /** In [0, 1]. */
  readonly precision: number;
  /** Rows with this score or a higher one count as positive; null for the first point, above all scores. */
  readonly threshold: number | null;
}

/**
 * The precision–recall curve, from the highest score to the first one that finds every positive row, thinned evenly
 * by recall where there are more than `maxPoints`. It begins at recall 0 and precision 1, as scikit-learn's ends. For
 * drawing; the area comes from `averagePrecision`, not from joining these points.
 *
 * @param maxPoints at least 2
 * @returns empty when no row is positive
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH
 */
export function precisionRecallCurve(
  scores: FloatArray,
  labels: Uint8Array,
  maxPoints: number,
): PrecisionRecallPoint[] {
  checkSameLength('scores', scores.length, 'labels', labels.length);
  checkFinite(scores);
  checkLabels(labels, 2);
  const most = checkedPointCount(maxPoints);
  const ranked = scoresByClass(scores, labels);
  const positives = ranked.positives.length;
  if (positives === 0) return [];

  let distinct = 0;
  forEachScoreDescending(ranked, () => distinct++);
  const thinning = distinct + 1 <= most ? undefined : new CurveThinning(most - 1);
  const points: PrecisionRecallPoint[] = [{ recall: 0, precision: 1, threshold: null }];
  let predicted = 0;
  let found = 0;
  forEachScoreDescending(ranked, (score, negativeCount, positiveCount) => {
    if (found === positives) return;
    predicted += negativeCount + positiveCount;
    found += positiveCount;
    const recall = found / positives;
    if (thinning?.keeps(recall) ?? true) {
      points.push({ recall, precision: found / predicted, threshold: score });
    }
  });
  return points;
}
