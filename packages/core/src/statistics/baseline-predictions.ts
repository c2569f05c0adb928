import { checkFinite, checkLabels } from './check-input';
import type { ClassIndices } from './numbers';
import { rowsOf, type Sample } from './sample';
import { totalWeight, weightedMean, weightedSum } from './weighted-mean';

/** Answers of a model that ignores its features, beside the truth of the sample that it was made for. */
export interface Baseline<Kind extends Sample = Sample> {
  /**
   * `class-prior`: the share of each class in every row, so that the majority is predicted and ROC AUC is 0.5. `mean`: of
   * the targets, in every row, so that R² is 0. `random-order`: a constant score; a ranking metric of rows that all tie
   * is its mean over all their orders, so this is what chance reaches, and no seed is involved.
   */
  readonly strategy: 'class-prior' | 'mean' | 'random-order';
  readonly sample: Kind;
}

/**
 * What a model that knows only the answers' distribution would predict on these rows: the floor that a model must
 * beat. It is fitted on the rows that it is measured on, by their weights, so it is as good as such a model can be.
 *
 * @throws MlopsError MLOPS_LABEL_RANGE, MLOPS_SCORE_NOT_FINITE
 */
export function baselinePredictions<Kind extends Sample>(sample: Kind): Baseline<Kind>;
export function baselinePredictions(sample: Sample): Baseline {
  const rows = rowsOf(sample);
  switch (sample.task) {
    case 'binary-classification': {
      const [, positive = 0] = classShares(sample.labels, 2, sample.weights);
      const scores = new Float64Array(rows).fill(positive);
      return { strategy: 'class-prior', sample: { ...sample, scores, threshold: 0.5 } };
    }
    case 'multiclass-classification': {
      const shares = classShares(sample.labels, sample.classCount, sample.weights);
      const scores = new Float64Array(rows * sample.classCount);
      for (let row = 0; row < rows; row++) scores.set(shares, row * sample.classCount);
      return { strategy: 'class-prior', sample: { ...sample, scores } };
    }
    case 'regression': {
      const { targets, weights } = sample;
      checkFinite(targets, 'target');
      const mean = weightedMean(rows, (row) => targets[row] as number, weights) ?? 0;
      return { strategy: 'mean', sample: { ...sample, scores: new Float64Array(rows).fill(mean) } };
    }
    case 'ranking':
      return { strategy: 'random-order', sample: { ...sample, scores: new Float64Array(rows) } };
  }
}

/** They sum to 1, also where no row has a weight. */
function classShares(labels: ClassIndices, classCount: number, weights?: Float64Array): number[] {
  checkLabels(labels, classCount);
  const all = totalWeight(labels.length, weights);
  if (weights === undefined && all > 0)
    return Array.from(rowsByClass(labels, classCount), (rows) => rows / all);
  return Array.from({ length: classCount }, (_, index) =>
    all === 0
      ? 1 / classCount
      : weightedSum(labels.length, (row) => (labels[row] === index ? 1 : 0), weights) / all,
  );
}

function rowsByClass(labels: ClassIndices, classCount: number): Float64Array {
  const rows = new Float64Array(classCount);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    rows[label] = (rows[label] as number) + 1;
  }
  return rows;
}
