import {
  defaultMetrics,
  parseMetric,
  performanceMetricDefinitions,
  type Comparison,
  type GateResult,
  type Interval,
  type MetricDirection,
  type PerformanceMetricName,
} from '@nx-mlops/core';
import { formatBytes, formatCount, formatNumber } from '../format';
import type { GateFilesInput } from './gate-files-input';

/** A metric of this model beside that of each baseline. */
export interface ComparedMetric {
  readonly name: string;
  readonly description: string | undefined;
  readonly direction: MetricDirection | undefined;
  readonly value: number | null;
  readonly interval: Interval | undefined;
  /** What a model that ignores its features reaches. */
  readonly trivial: number | null | undefined;
  /** One for each of `foundBaselines`, in its order. */
  readonly baselines: readonly {
    readonly value: number | null | undefined;
    readonly interval: Interval | undefined;
    /** Of the gate that compares this metric over all rows. */
    readonly comparison: Comparison | undefined;
  }[];
}

/** A baseline that was there to compare with. */
export interface FoundBaseline {
  readonly name: string;
  /** All names that mean this version, that one first. */
  readonly names: readonly string[];
  /** `production v3`, or `production, merge-base v3`. */
  readonly title: string;
}

type Sources = Pick<GateFilesInput, 'evaluation' | 'report' | 'config' | 'baselines'>;

/** Each version once, however many names it has: the same column twice tells nothing. */
export function foundBaselines({ report }: Pick<GateFilesInput, 'report'>): FoundBaseline[] {
  const found = report.baselines.filter(({ metrics }) => metrics !== undefined);
  const byVersion = new Map<number | string, string[]>();
  for (const { name, modelVersion } of found) {
    const key = modelVersion ?? name;
    byVersion.set(key, [...(byVersion.get(key) ?? []), name]);
  }
  return [...byVersion].map(([key, names]) => ({
    name: names[0] as string,
    names,
    title: typeof key === 'number' ? `${names.join(', ')} v${key}` : key,
  }));
}

/** All metrics, the configured ones in the order of the config. */
export function comparedMetrics(sources: Sources): ComparedMetric[] {
  const { evaluation, report, config } = sources;
  const found = foundBaselines(sources);
  return metricOrder(sources).map((name) => ({
    name,
    description:
      config.evaluation.customMetrics[name]?.description ?? parseMetric(name)?.definition.description,
    direction: evaluation.directions[name],
    value: evaluation.metrics[name] ?? null,
    interval: evaluation.intervals[name],
    trivial: evaluation.baseline.metrics[name],
    baselines: found.map((baseline) => {
      const result = report.baselines.find((item) => item.name === baseline.name);
      return {
        value: result?.metrics?.[name],
        interval: result?.intervals?.[name],
        comparison: overAllRows(report.gates, name, baseline.names)?.versus?.comparison,
      };
    }),
  }));
}

/** The metric that slices are sorted by and a card shows first: that of the first gate on one, else the first. */
export function leadingMetric(sources: Sources): string | undefined {
  const names = metricOrder(sources);
  return sources.report.gates.find(({ metric }) => names.includes(metric))?.metric ?? names[0];
}

/** Manifests hold their keys sorted, so the order of importance is taken from the config. */
export function metricOrder({ evaluation, config }: Pick<Sources, 'evaluation' | 'config'>): string[] {
  const wished = [
    ...(config.evaluation.metrics ?? defaultMetrics(config.task)),
    ...Object.keys(config.evaluation.customMetrics),
  ];
  const measured = Object.keys(evaluation.metrics);
  return [
    ...wished.filter((name) => measured.includes(name)),
    ...measured.filter((name) => !wished.includes(name)),
  ];
}

function overAllRows(
  gates: readonly GateResult[],
  metric: string,
  baselines: readonly string[],
): GateResult | undefined {
  return gates.find(
    (gate) =>
      gate.kind === 'versus' &&
      gate.metric === metric &&
      gate.slice === undefined &&
      gate.versus !== undefined &&
      baselines.includes(gate.versus.baseline),
  );
}

/** A metric's value for people, with the unit of those that have one. */
export function formatMetric(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Object.hasOwn(performanceMetricDefinitions, name)) return formatNumber(value);
  const { unit } = performanceMetricDefinitions[name as PerformanceMetricName];
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return `${formatNumber(value)} ms`;
    case 'rows/s':
      return `${formatCount(value)} rows/s`;
  }
}

/** `0.8123 to 0.8456`, or nothing where there is no interval. */
export function formatInterval(
  interval: Pick<Interval, 'low' | 'high'> | undefined,
  format: (value: number) => string = formatNumber,
): string {
  return interval === undefined ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}

/** A difference with its sign: above 0 is an improvement. */
export function formatDifference(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value).replace(/^-/, '−');
}

/** `+0.0042 (−0.001 to +0.009)`. */
export function differenceText({ difference, low, high }: Comparison): string {
  return `${formatDifference(difference)} (${formatDifference(low)} to ${formatDifference(high)})`;
}
