import type { Curves } from '../manifest/evaluation';
import type { RegressionSample } from './sample';

/** Target and prediction of at most `maxPoints` rows, evenly spread over the split: the points of a scatter plot. */
export function spreadPoints(
  { scores, targets }: RegressionSample,
  maxPoints = 300,
): NonNullable<Curves['predictions']> {
  const step = Math.max(1, Math.ceil(targets.length / maxPoints));
  return Array.from({ length: Math.ceil(targets.length / step) }, (_, index) => [
    targets[index * step] as number,
    scores[index * step] as number,
  ]);
}
