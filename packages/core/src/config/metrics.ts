/** The three tasks that we measure ourselves, and `custom`, whose entry brings its own figures. */
export const tasks = ['binary-classification', 'multiclass-classification', 'regression', 'custom'] as const;
export type Task = (typeof tasks)[number];

/** Whether a larger or a smaller value of a metric is better. */
export type MetricDirection = 'higher' | 'lower';

export interface MetricDefinition {
  readonly tasks: readonly Task[];
  readonly direction: MetricDirection;
  /** Measured when the config names no metrics. */
  readonly default: boolean;
  readonly description: string;
}

const binary = ['binary-classification'] as const;
const classification = ['binary-classification', 'multiclass-classification'] as const;
const multiclass = ['multiclass-classification'] as const;
const regression = ['regression'] as const;

/** Every metric that `evaluation.metrics` and a gate may name. */
export const metricDefinitions = {
  'roc-auc': { tasks: binary, direction: 'higher', default: true, description: 'Area under the ROC curve' },
  'pr-auc': { tasks: binary, direction: 'higher', default: true, description: 'Average precision' },
  'log-loss': {
    tasks: classification,
    direction: 'lower',
    default: true,
    description: 'Mean negative log likelihood, nats',
  },
  brier: {
    tasks: binary,
    direction: 'lower',
    default: false,
    description: 'Mean squared error of the probability',
  },
  accuracy: {
    tasks: classification,
    direction: 'higher',
    default: true,
    description: 'Share of rows classed right',
  },
  'balanced-accuracy': {
    tasks: classification,
    direction: 'higher',
    default: false,
    description: 'Mean recall over the classes',
  },
  precision: {
    tasks: binary,
    direction: 'higher',
    default: true,
    description: 'Share of predicted positives that are positive',
  },
  recall: {
    tasks: binary,
    direction: 'higher',
    default: true,
    description: 'Share of positives that are found',
  },
  f1: {
    tasks: binary,
    direction: 'higher',
    default: true,
    description: 'Harmonic mean of precision and recall',
  },
  mcc: {
    tasks: binary,
    direction: 'higher',
    default: false,
    description: 'Matthews correlation coefficient',
  },
  'macro-f1': {
    tasks: multiclass,
    direction: 'higher',
    default: true,
    description: 'Unweighted mean of the F1 of each class',
  },
  mae: {
    tasks: regression,
    direction: 'lower',
    default: true,
    description: 'Mean absolute error, in units of the target',
  },
  rmse: {
    tasks: regression,
    direction: 'lower',
    default: true,
    description: 'Root mean squared error, in units of the target',
  },
  r2: { tasks: regression, direction: 'higher', default: true, description: 'Share of variance explained' },
  'mean-error': {
    tasks: regression,
    direction: 'lower',
    default: false,
    description: 'Bias: mean of prediction minus target',
  },
  'median-absolute-error': {
    tasks: regression,
    direction: 'lower',
    default: false,
    description: 'Median of the absolute error',
  },
  'max-error': {
    tasks: regression,
    direction: 'lower',
    default: false,
    description: 'Largest absolute error',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricDefinitions;
export const metricNames = Object.keys(metricDefinitions) as MetricName[];

/** Metrics of a task in the order of `metricDefinitions`. */
export function metricsOfTask(task: Task): MetricName[] {
  return metricNames.filter((name) => (metricDefinitions[name].tasks as readonly Task[]).includes(task));
}

export function defaultMetrics(task: Task): MetricName[] {
  return metricsOfTask(task).filter((name) => metricDefinitions[name].default);
}
