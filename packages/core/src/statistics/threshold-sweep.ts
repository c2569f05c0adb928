import type { Curves } from '../manifest/evaluation';
import { checkLabelledScores } from './check-input';
import { thinningFor } from './curve-thinning';
import { ratio } from './numbers';
import { rankScores, type LabelledScores, type RankedScores } from './ranked-scores';

/**
 * What a binary classifier does as its threshold moves over its scores, from the lowest to the highest; where there are
 * more scores than `maxPoints`, those at even steps along the ROC curve (of one class alone: along the rows).
 *
 * @param maxPoints at least 2
 * @param known the sample's ranking, where it is there already; then the sample is taken for checked
 * @returns empty without rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function thresholdSweep(
  sample: LabelledScores,
  maxPoints = 101,
  known?: RankedScores,
): NonNullable<Curves['thresholds']> {
  if (known === undefined) checkLabelledScores(sample);
  const ranked = known ?? rankScores(sample);
  const { negatives: allNegatives, positives: allPositives } = ranked;
  const all = allNegatives + allPositives;
  const thinning = thinningFor(ranked, maxPoints);
  const points: NonNullable<Curves['thresholds']> = [];
  let falsePositives = 0;
  let truePositives = 0;
  ranked.forEachDescending((threshold, negatives, positives) => {
    falsePositives += negatives;
    truePositives += positives;
    const predicted = truePositives + falsePositives;
    if (all === 0) return;
    const way =
      allNegatives === 0 || allPositives === 0
        ? predicted / all
        : (falsePositives / allNegatives + truePositives / allPositives) / 2;
    if (!(thinning?.keeps(way) ?? true)) return;
    points.push({
      threshold,
      precision: ratio(truePositives, predicted),
      recall: ratio(truePositives, allPositives),
      f1: ratio(2 * truePositives, predicted + allPositives),
      selectionRate: predicted / all,
    });
  });
  return points.reverse();
}
