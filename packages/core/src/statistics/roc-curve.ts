import { checkFinite, checkLabels, checkSameLength } from './check-input';
import { checkedPointCount, CurveThinning } from './curve-thinning';
import type { FloatArray } from './numbers';
import { forEachScoreDescending, scoresByClass } from './scores-by-class';

export interface RocPoint {
  /** In [0, 1], never falling along the curve. */
  readonly falsePositiveRate: number;
  /** In [0, 1], never falling along the curve. */
  readonly truePositiveRate: number;
  /** Rows with this score or a higher one count as positive; null for the first point, above all scores. */
  readonly threshold: number | null;
}

/**
 * The ROC curve from (0, 0) to (1, 1), one point a distinct score, thinned evenly along the curve where there are more
 * than `maxPoints`. For drawing; the area comes from `rocAuc`.
 *
 * @param maxPoints at least 2
 * @returns empty when one of the classes has no rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH
 */
export function rocCurve(scores: FloatArray, labels: Uint8Array, maxPoints: number): RocPoint[] {
  checkSameLength('scores', scores.length, 'labels', labels.length);
  checkFinite(scores);
  checkLabels(labels, 2);
  const ranked = scoresByClass(scores, labels);
  const negatives = ranked.negatives.length;
  const positives = ranked.positives.length;
  if (negatives === 0 || positives === 0) return [];

  const thinning = thinningFor(ranked, maxPoints);
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: null }];
  let falsePositives = 0;
  let truePositives = 0;
  forEachScoreDescending(ranked, (score, negativeCount, positiveCount) => {
    falsePositives += negativeCount;
    truePositives += positiveCount;
    const falsePositiveRate = falsePositives / negatives;
    const truePositiveRate = truePositives / positives;
    if (thinning?.keeps((falsePositiveRate + truePositiveRate) / 2) ?? true) {
      points.push({ falsePositiveRate, truePositiveRate, threshold: score });
    }
  });
  return points;
}

/** None when all points may stay. */
function thinningFor(ranked: Parameters<typeof forEachScoreDescending>[0], maxPoints: number) {
  const most = checkedPointCount(maxPoints);
  let distinct = 0;
  forEachScoreDescending(ranked, () => distinct++);
  return distinct + 1 <= most ? undefined : new CurveThinning(most - 1);
}
