import {
  classResults,
  measureSample,
  metricsOfTask,
  type MetricName,
  type MetricValues,
  type Sample,
  type Task,
} from '@nx-mlops/core';
import { describeWithPython, runPython } from './python-environment';

/** As measure_models.py prints them. */
interface Case {
  readonly task: Exclude<Task, 'custom'>;
  readonly name: string;
  readonly metrics: MetricValues;
  readonly scores: number[];
  readonly weights?: number[];
  readonly labels?: number[];
  readonly threshold?: number;
  readonly classCount?: number;
  readonly perClass?: Record<'precision' | 'recall' | 'f1', number | null>[];
  readonly targets?: number[];
  readonly relevance?: number[];
  readonly queries?: number[];
}

const tolerance = 1e-9;

/** Both sides are computed in this run: nothing here is a number that was copied from somewhere. */
describeWithPython('every metric equals that of scikit-learn', () => {
  let cases: Case[];

  beforeAll(() => {
    cases = runPython('measure_models.py') as Case[];
  });

  const table = (
    ['binary-classification', 'multiclass-classification', 'regression', 'ranking'] as const
  ).flatMap((task) => metricsOfTask(task).map((name) => [task, name] as const));

  it.each(table)('%s: %s', (task, name) => {
    const own = cases.filter((each) => each.task === task);
    expect(new Set(own.map((each) => each.name.split(',')[0])).size).toBeGreaterThanOrEqual(3);
    const differences = own.flatMap((each) => {
      // The cutoff of the metric that was listed, and every other that was computed.
      const names = Object.keys(each.metrics).filter(
        (other) => other === name || (name.includes('@') && other.startsWith(name.replace(/\d+$/, ''))),
      ) as MetricName[];
      expect(names).toContain(name);
      const measured = measureSample(sampleOf(each), names);
      return names.flatMap((metric) =>
        differ(measured[metric], each.metrics[metric])
          ? [`${each.name}: ${metric} is ${measured[metric]}, not ${each.metrics[metric]}`]
          : [],
      );
    });
    expect(differences).toEqual([]);
    expect(own.some((each) => each.metrics[name] !== null)).toBe(true);
  });

  it.each(['precision', 'recall', 'f1'] as const)('of each class: %s', (figure) => {
    const own = cases.filter((each) => each.perClass !== undefined);
    expect(own.length).toBeGreaterThan(0);
    for (const each of own) {
      const sample = sampleOf(each) as Extract<Sample, { task: 'multiclass-classification' }>;
      const results = classResults(
        sample,
        Array.from({ length: sample.classCount }, (_, index) => index),
      );
      const differing = results.filter((result, index) =>
        differ(result[figure], each.perClass?.[index]?.[figure]),
      );
      expect({ [each.name]: differing }).toEqual({ [each.name]: [] });
    }
  });

  it('on rows with weights, and on scores of which many tie', () => {
    for (const task of new Set(cases.map((each) => each.task))) {
      const own = cases.filter((each) => each.task === task);
      expect(own.filter(({ weights }) => weights !== undefined).length).toBeGreaterThanOrEqual(3);
      const tied = own.filter(({ scores }) => new Set(scores).size < scores.length / 2);
      expect(tied.length).toBeGreaterThanOrEqual(3);
    }
  });
});

function differ(actual: number | null | undefined, expected: number | null | undefined): boolean {
  if (typeof actual !== 'number' || typeof expected !== 'number') return actual !== expected;
  return !(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)));
}

function sampleOf(each: Case): Sample {
  const shared = {
    scores: Float64Array.from(each.scores),
    ...(each.weights === undefined ? {} : { weights: Float64Array.from(each.weights) }),
  };
  switch (each.task) {
    case 'binary-classification':
      return {
        ...shared,
        task: each.task,
        labels: Uint8Array.from(each.labels ?? []),
        threshold: each.threshold ?? NaN,
      };
    case 'multiclass-classification':
      return {
        ...shared,
        task: each.task,
        labels: Uint16Array.from(each.labels ?? []),
        classCount: each.classCount ?? NaN,
      };
    case 'regression':
      return { ...shared, task: each.task, targets: Float64Array.from(each.targets ?? []) };
    case 'ranking':
      return {
        ...shared,
        task: each.task,
        relevance: Float64Array.from(each.relevance ?? []),
        queries: Uint32Array.from(each.queries ?? []),
      };
  }
}
