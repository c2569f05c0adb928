import { checkLabelledScores } from './check-input';
import { thinningFor } from './curve-thinning';
import { rankScores, type LabelledScores, type RankedScores } from './ranked-scores';

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
 * @param known the sample's ranking, where it is there already; then the sample is taken for checked
 * @returns empty when no row is positive
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function precisionRecallCurve(
  sample: LabelledScores,
  maxPoints: number,
  known?: RankedScores,
): PrecisionRecallPoint[] {
  if (known === undefined) checkLabelledScores(sample);
  const ranked = known ?? rankScores(sample);
  if (ranked.positives === 0) return [];

  const thinning = thinningFor(ranked, maxPoints);
  const points: PrecisionRecallPoint[] = [{ recall: 0, precision: 1, threshold: null }];
  let predicted = 0;
  let found = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    if (found === ranked.positives) return;
    predicted += negatives + positives;
    found += positives;
    // The highest scores may all have weight 0.
    if (predicted === 0) return;
    const recall = found / ranked.positives;
    if (thinning?.keeps(recall) ?? true) {
      points.push({ recall, precision: found / predicted, threshold: score });
    }
  });
  return points;
}
