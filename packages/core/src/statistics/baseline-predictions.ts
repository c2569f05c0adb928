import { checkFinite, checkLabels } from './check-input';
import { compensatedSum } from './compensated-sum';
import { medianInPlace } from './median';
import type { ClassIndices, FloatArray } from './numbers';

/** What a baseline is made for. Regression: the mean, against which `r2` is 0, unless the median is asked for. */
export type BaselineInput =
  | { readonly task: 'binary-classification'; readonly labels: Uint8Array }
  | {
      readonly task: 'multiclass-classification';
      readonly labels: Uint16Array | Int32Array;
      readonly classCount: number;
    }
  | {
      readonly task: 'regression';
      readonly targets: FloatArray;
      readonly strategy?: 'mean' | 'median';
    };

/** Answers of a model that ignores its features, as the metrics take them. */
export type BaselinePredictions =
  | {
      readonly task: 'binary-classification';
      readonly strategy: 'class-prior';
      /** The share of positives, in every row: ROC AUC 0.5. */
      readonly scores: Float64Array;
      /** At which the majority class is predicted. */
      readonly threshold: 0.5;
    }
  | {
      readonly task: 'multiclass-classification';
      readonly strategy: 'class-prior';
      /** The shares of the classes, in every row: row-major `[rows, classCount]`; the highest is the majority class. */
      readonly scores: Float64Array;
    }
  | {
      readonly task: 'regression';
      readonly strategy: 'mean' | 'median';
      /** The mean or the median of the targets, in every row. */
      readonly predictions: Float64Array;
    };

type BaselineFor<Task> = Extract<BaselinePredictions, { readonly task: Task }>;

/**
 * What a model that knows only the answers' distribution would predict on these rows: the floor that a model must
 * beat. It is fitted on the rows that it is measured on, so it is as good as such a model can be.
 *
 * @returns as many rows as the input has
 * @throws MlopsError MLOPS_LABEL_RANGE, MLOPS_SCORE_NOT_FINITE
 */
export function baselinePredictions<Input extends BaselineInput>(input: Input): BaselineFor<Input['task']>;
export function baselinePredictions(input: BaselineInput): BaselinePredictions {
  switch (input.task) {
    case 'binary-classification': {
      const [, positive] = classShares(input.labels, 2) as [number, number];
      const scores = new Float64Array(input.labels.length).fill(positive);
      return { task: input.task, strategy: 'class-prior', scores, threshold: 0.5 };
    }
    case 'multiclass-classification': {
      const shares = classShares(input.labels, input.classCount);
      const scores = new Float64Array(input.labels.length * input.classCount);
      for (let row = 0; row < input.labels.length; row++) scores.set(shares, row * input.classCount);
      return { task: input.task, strategy: 'class-prior', scores };
    }
    case 'regression': {
      const { targets, strategy = 'mean' } = input;
      checkFinite(targets, 'target');
      const centre = strategy === 'mean' ? meanOf(targets) : medianInPlace(Float64Array.from(targets));
      return {
        task: input.task,
        strategy,
        predictions: new Float64Array(targets.length).fill(centre ?? 0),
      };
    }
  }
}

function meanOf(values: FloatArray): number {
  return compensatedSum(values.length, (row) => values[row] as number) / values.length;
}

function classShares(labels: ClassIndices, classCount: number): number[] {
  checkLabels(labels, classCount);
  const counts = new Array<number>(classCount).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.map((count) => count / labels.length);
}
