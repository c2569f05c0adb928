import type { MetricName } from '@nx-mlops/core';
import type { LearningProblem } from './propose-columns';

/** The first limit of a new model, with its reason. The same metric is compared with what is released. */
export interface StarterGate {
  /** Metrics that the evaluation measures; undefined for the defaults of the task, which hold the gate's. */
  readonly metrics: readonly MetricName[] | undefined;
  readonly metric: MetricName;
  readonly min: number;
  /** Lines of the comment above it. */
  readonly comment: readonly string[];
}

const raiseIt = 'See what evaluate measures, then raise it to what you would not go below.';

/**
 * A gate that any model passes which learned something, and that one which guesses fails: each task has a metric on
 * which a guess reaches a known value.
 */
export function starterGate({ task, classes }: Pick<LearningProblem, 'task' | 'classes'>): StarterGate {
  switch (task.value) {
    case 'binary-classification':
      return {
        metrics: undefined,
        metric: 'roc-auc',
        min: 0.55,
        comment: ['A model that guesses reaches a ROC AUC of 0.5.', raiseIt],
      };
    case 'multiclass-classification':
      return {
        metrics: ['accuracy', 'balanced-accuracy', 'macro-f1', 'log-loss'],
        metric: 'balanced-accuracy',
        min: aboveGuessing(classes ?? 2),
        comment: [
          classes === undefined
            ? 'A model that guesses among k classes reaches a balanced accuracy of 1/k, 0.5 at most.'
            : `A model that guesses among ${classes} classes reaches a balanced accuracy of ${(1 / classes).toFixed(2)}.`,
          raiseIt,
        ],
      };
    case 'regression':
      return {
        metrics: undefined,
        metric: 'r2',
        min: 0.05,
        comment: ['A model that always says the mean reaches an R² of 0.', raiseIt],
      };
  }
}

/** The sample is known, so its gate can be as strict as in earnest. */
export const sampleGate: StarterGate = {
  metrics: ['accuracy', 'balanced-accuracy', 'macro-f1', 'log-loss'],
  metric: 'balanced-accuracy',
  min: 0.9,
  comment: [
    'A model that guesses among 3 species reaches 0.33; this one about 0.99. The test split has some 90 rows, where one',
    'penguin more or less is about 0.01: so 0.9 leaves room for chance, and none for a model that learned nothing.',
  ],
};

function aboveGuessing(classes: number): number {
  return Math.round((1 / classes + 0.05) * 100) / 100;
}
