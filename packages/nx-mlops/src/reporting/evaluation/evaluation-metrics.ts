import { openMetricsText, type GaugeSample } from '../openmetrics/openmetrics-text';
import { metricOrder } from './compared-metrics';
import type { GateFilesInput } from './gate-files-input';

const quantiles = { 'latency-p50': '0.5', 'latency-p95': '0.95', 'latency-p99': '0.99' } as const;

/**
 * The figures of a gated model as OpenMetrics text, which GitLab compares between a merge request and its target as a
 * metrics report. A metric that is not defined has no figure.
 */
export function evaluationMetrics(input: GateFilesInput): string {
  const { evaluation, performance, report } = input;
  const { dataset, split } = evaluation.test;
  const common = { model: evaluation.model, split: `${dataset}:${split}` };
  const names = metricOrder(input);
  // By each name, since a chart over time follows the name and not the version.
  const found = report.baselines.filter(({ metrics }) => metrics !== undefined);
  const values = (
    metrics: Readonly<Record<string, number | null>> | undefined,
    labels: Readonly<Record<string, string>> = {},
  ) => samplesOf(names, (name) => metrics?.[name], { ...common, ...labels });
  const bounds = (side: 'low' | 'high') =>
    samplesOf(names, (name) => evaluation.intervals[name]?.[side], common);
  return openMetricsText([
    {
      name: 'nx_mlops_metric',
      help: 'Metric of the model on the test split.',
      samples: values(evaluation.metrics),
    },
    {
      name: 'nx_mlops_metric_low',
      help: 'Lower bound of the confidence interval of the metric.',
      samples: bounds('low'),
    },
    {
      name: 'nx_mlops_metric_high',
      help: 'Upper bound of the confidence interval of the metric.',
      samples: bounds('high'),
    },
    {
      name: 'nx_mlops_baseline_metric',
      help: 'Metric of a model that this one is compared with, on the same rows.',
      samples: found.flatMap(({ name, metrics }) => values(metrics, { baseline: name })),
    },
    {
      name: 'nx_mlops_featureless_metric',
      help: 'Metric of a model that ignores its features, on the same rows.',
      samples: values(evaluation.baseline.metrics),
    },
    {
      name: 'nx_mlops_model_size_bytes',
      help: 'Size of the model file.',
      unit: 'bytes',
      samples: [{ labels: common, value: evaluation.modelSize }],
    },
    {
      name: 'nx_mlops_latency_seconds',
      help: 'Time in which this share of predictions of one row is answered.',
      unit: 'seconds',
      samples: Object.entries(quantiles).flatMap(([name, quantile]) => {
        const milliseconds = performance?.metrics[name];
        return milliseconds === undefined || milliseconds === null
          ? []
          : [{ labels: { ...common, quantile }, value: Number((milliseconds / 1000).toPrecision(12)) }];
      }),
    },
    {
      name: 'nx_mlops_throughput',
      help: 'Rows a second that the model predicts in batches.',
      samples: samplesOf(['throughput'], (name) => performance?.metrics[name], common, false),
    },
    {
      name: 'nx_mlops_gates_passed',
      help: '1 when no gate fails the build, else 0.',
      samples: [{ labels: common, value: report.passed ? 1 : 0 }],
    },
  ]);
}

function samplesOf(
  names: readonly string[],
  valueOf: (name: string) => number | null | undefined,
  labels: Readonly<Record<string, string>>,
  named = true,
): GaugeSample[] {
  return names.flatMap((name) => {
    const value = valueOf(name);
    if (value === null || value === undefined) return [];
    return [{ labels: { ...labels, ...(named ? { metric: name } : {}) }, value }];
  });
}
