import { performanceMetricDefinitions, type Performance, type PerformanceMetricName } from '@nx-mlops/core';

export function isPerformanceMetric(metric: string): metric is PerformanceMetricName {
  return Object.hasOwn(performanceMetricDefinitions, metric);
}

/** A metric of performance; the size of the model file is known without a measurement. */
export function performanceValue(
  metric: PerformanceMetricName,
  model: { readonly performance?: Performance; readonly modelSize: number },
): number | undefined {
  return model.performance?.metrics[metric] ?? (metric === 'model-size' ? model.modelSize : undefined);
}
