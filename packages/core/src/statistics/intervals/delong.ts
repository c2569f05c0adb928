import type { WeightedMetric } from './weighted-metric';

/** With fewer rows of a class than this, the normal distribution of the area is not to be relied on. */
const FEWEST_OF_A_CLASS = 10;

/** Whether there are at least 10 rows of each class. */
export function suitsDeLong(labels: Uint8Array): boolean {
  const { positives, negatives } = classCounts(labels);
  return positives >= FEWEST_OF_A_CLASS && negatives >= FEWEST_OF_A_CLASS;
}

/** Rows of each class. */
export function classCounts(labels: Uint8Array): { positives: number; negatives: number } {
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += labels[row] as number;
  return { positives, negatives: labels.length - positives };
}

/**
 * DeLong's standard error of an area under the ROC curve, or of the difference of two on the same rows: the squares of
 * the structural components, which are the derivatives of the area, each class with its own n/(n-1).
 *
 * @param area of rows that count alike
 */
export function deLongStandardError(area: WeightedMetric, labels: Uint8Array): number {
  const [ofNegatives = 0, ofPositives = 0] =
    area.unweighted?.().squaresByClass() ?? squaresByClass(area, labels);
  const { positives, negatives } = classCounts(labels);
  return Math.sqrt((ofPositives * positives) / (positives - 1) + (ofNegatives * negatives) / (negatives - 1));
}

function squaresByClass(area: WeightedMetric, labels: Uint8Array): readonly number[] {
  const derivatives = area.derivativesAt(new Float64Array(labels.length).fill(1));
  const squares = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    squares[label] = (squares[label] as number) + (derivatives[row] as number) ** 2;
  }
  return squares;
}
