import { checkLabelledScores } from './check-input';
import { thinningFor } from './curve-thinning';
import { rankScores, type LabelledScores, type RankedScores } from './ranked-scores';

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
 * @param known the sample's ranking, where it is there already; then the sample is taken for checked
 * @returns empty when one of the classes has no rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function rocCurve(sample: LabelledScores, maxPoints: number, known?: RankedScores): RocPoint[] {
  if (known === undefined) checkLabelledScores(sample);
  const ranked = known ?? rankScores(sample);
  if (ranked.negatives === 0 || ranked.positives === 0) return [];

  const thinning = thinningFor(ranked, maxPoints);
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: null }];
  let falsePositives = 0;
  let truePositives = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    falsePositives += negatives;
    truePositives += positives;
    const falsePositiveRate = falsePositives / ranked.negatives;
    const truePositiveRate = truePositives / ranked.positives;
    if (thinning?.keeps((falsePositiveRate + truePositiveRate) / 2) ?? true) {
      points.push({ falsePositiveRate, truePositiveRate, threshold: score });
    }
  });
  return points;
}
