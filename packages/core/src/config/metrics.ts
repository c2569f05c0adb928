/** The tasks that we measure ourselves, and `custom`, whose entry brings its own figures. */
export const tasks = [
  'binary-classification',
  'multiclass-classification',
  'regression',
  'ranking',
  'custom',
] as const;
export type Task = (typeof tasks)[number];

/** Whether a larger or a smaller value of a metric is better. */
export const metricDirections = ['higher', 'lower'] as const;
export type MetricDirection = (typeof metricDirections)[number];

export interface MetricDefinition {
  readonly tasks: readonly Task[];
  readonly direction: MetricDirection;
  /** Measured when the config names no metrics. */
  readonly default: boolean;
  readonly description: string;
  /** The name is followed by `@` and a whole number of at least 1, such as `ndcg@10`; this one by default. */
  readonly cutoff?: number;
  /** What stands before the `@` where it is not the key: `recall@10` is no `recall`. */
  readonly written?: string;
}

const binary = ['binary-classification'] as const;
const classification = ['binary-classification', 'multiclass-classification'] as const;
const multiclass = ['multiclass-classification'] as const;
const regression = ['regression'] as const;
const ranking = ['ranking'] as const;

/**
 * Every metric that is computed from predictions and that `evaluation.metrics` and a gate may name. Those of a ranking
 * count a query without a relevant row as 0, and of equal scores the mean over all orders.
 */
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
    tasks: classification,
    direction: 'lower',
    default: false,
    description:
      'Mean squared error of the probability; of three classes or more the sum over the classes, from 0 to 2',
  },
  ece: {
    tasks: classification,
    direction: 'lower',
    default: false,
    description:
      'Expected calibration error over 10 bins of equal count (with weights: of equal weight); of several classes that of the predicted one',
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
  specificity: {
    tasks: binary,
    direction: 'higher',
    default: false,
    description: 'Share of negatives that are found',
  },
  f1: {
    tasks: binary,
    direction: 'higher',
    default: true,
    description: 'Harmonic mean of precision and recall',
  },
  mcc: {
    tasks: classification,
    direction: 'higher',
    default: false,
    description: 'Matthews correlation coefficient',
  },
  kappa: {
    tasks: classification,
    direction: 'higher',
    default: false,
    description: "Cohen's kappa: agreement beyond chance",
  },
  'macro-f1': {
    tasks: multiclass,
    direction: 'higher',
    default: true,
    description: 'Unweighted mean of the F1 of each class',
  },
  'macro-precision': {
    tasks: multiclass,
    direction: 'higher',
    default: false,
    description: 'Unweighted mean of the precision of each class',
  },
  'macro-recall': {
    tasks: multiclass,
    direction: 'higher',
    default: false,
    description: 'Unweighted mean of the recall of each class',
  },
  'top-k-accuracy': {
    tasks: multiclass,
    direction: 'higher',
    default: false,
    cutoff: 3,
    description:
      'Share of rows whose class is among the k highest scores; of equal scores the later class is higher',
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
  mape: {
    tasks: regression,
    direction: 'lower',
    default: false,
    description: 'Mean absolute error as a share of the absolute target, as scikit-learn defines it',
  },
  wape: {
    tasks: regression,
    direction: 'lower',
    default: false,
    description: 'Sum of absolute errors as a share of the sum of absolute targets',
  },
  ndcg: {
    tasks: ranking,
    direction: 'higher',
    default: true,
    cutoff: 10,
    description:
      'Mean over the queries of the normalised discounted cumulative gain of the first k, the relevance as gain',
  },
  map: {
    tasks: ranking,
    direction: 'higher',
    default: true,
    cutoff: 10,
    description:
      'Mean over the queries of the average precision of the first k, over all relevant rows of the query',
  },
  mrr: {
    tasks: ranking,
    direction: 'higher',
    default: true,
    description: 'Mean over the queries of one over the rank of the first relevant row',
  },
  'recall-at-k': {
    tasks: ranking,
    direction: 'higher',
    default: false,
    cutoff: 10,
    written: 'recall',
    description: 'Mean over the queries of the share of relevant rows that are among the first k',
  },
  'hit-rate': {
    tasks: ranking,
    direction: 'higher',
    default: false,
    cutoff: 10,
    description: 'Share of queries with a relevant row among the first k',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricBase = keyof typeof metricDefinitions;
type CutoffBase = {
  [Name in MetricBase]: (typeof metricDefinitions)[Name] extends { readonly cutoff: number } ? Name : never;
}[MetricBase];
type Written = Exclude<CutoffBase, 'recall-at-k'> | 'recall';

/** `roc-auc`, or with a cutoff `ndcg@10`. */
export type MetricName = Exclude<MetricBase, CutoffBase> | `${Written}@${number}`;

/** What is measured of a model whatever its task. Of this machine, so it is beside the evaluation, not in it. */
export const performanceMetricDefinitions = {
  'model-size': { direction: 'lower', unit: 'bytes', description: 'Size of the model file, bytes' },
  'latency-p50': {
    direction: 'lower',
    unit: 'ms',
    description: 'Median time of a prediction of one row, milliseconds',
  },
  'latency-p95': {
    direction: 'lower',
    unit: 'ms',
    description: 'Time within which 95 % of predictions of one row are answered, milliseconds',
  },
  'latency-p99': {
    direction: 'lower',
    unit: 'ms',
    description: 'Time within which 99 % of predictions of one row are answered, milliseconds',
  },
  throughput: {
    direction: 'higher',
    unit: 'rows/s',
    description: 'Rows a second that the model predicts in batches, on one thread',
  },
} as const satisfies Record<
  string,
  { readonly direction: MetricDirection; readonly unit: string; readonly description: string }
>;
export type PerformanceMetricName = keyof typeof performanceMetricDefinitions;
export const performanceMetricNames = Object.keys(performanceMetricDefinitions) as PerformanceMetricName[];

/** The metrics by the names that a config gives them; those with a cutoff with their usual one. */
export const metricNames: MetricName[] = (Object.keys(metricDefinitions) as MetricBase[]).map(usualName);

export interface ParsedMetric {
  readonly base: MetricBase;
  readonly definition: MetricDefinition;
  /** Of `ndcg@10` the 10. */
  readonly cutoff?: number;
}

/** @returns undefined for a name that is no metric of ours, one whose cutoff is missing or no whole number included */
export function parseMetric(name: string): ParsedMetric | undefined {
  const [, written = name, cutoff] = /^([^@]+)@([1-9]\d*)$/.exec(name) ?? [];
  const found = (Object.entries(metricDefinitions) as [MetricBase, MetricDefinition][]).find(
    ([base, definition]) =>
      (definition.written ?? base) === written &&
      (definition.cutoff === undefined) === (cutoff === undefined),
  );
  if (found === undefined) return undefined;
  const [base, definition] = found;
  return { base, definition, ...(cutoff === undefined ? {} : { cutoff: Number(cutoff) }) };
}

/**
 * The direction of a metric of ours, one of predictions or of performance.
 *
 * @param custom those that the config declares
 * @returns undefined for an unknown name
 */
export function directionOf(
  name: string,
  custom: Readonly<Record<string, { readonly direction: MetricDirection }>> = {},
): MetricDirection | undefined {
  if (Object.hasOwn(custom, name)) return custom[name]?.direction;
  if (Object.hasOwn(performanceMetricDefinitions, name)) {
    return performanceMetricDefinitions[name as PerformanceMetricName].direction;
  }
  return parseMetric(name)?.definition.direction;
}

/** Metrics of a task in the order of `metricDefinitions`. */
export function metricsOfTask(task: Task): MetricName[] {
  return metricNames.filter((name) => parseMetric(name)?.definition.tasks.includes(task));
}

export function defaultMetrics(task: Task): MetricName[] {
  return metricsOfTask(task).filter((name) => parseMetric(name)?.definition.default);
}

function usualName(base: MetricBase): MetricName {
  const { cutoff, written = base }: MetricDefinition = metricDefinitions[base];
  return (cutoff === undefined ? base : `${written}@${cutoff}`) as MetricName;
}
