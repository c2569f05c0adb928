import { suggestion } from '../errors/nearest';
import {
  choosesThreshold,
  hasEvaluationScript,
  parseSliceReference,
  sliceName,
  type EvaluationConfig,
} from './evaluation-config';
import { fairnessMetrics, type GateConfig } from './gate-config';
import { metricSuggestion } from './metric-suggestion';
import { defaultMetrics, parseMetric, performanceMetricNames, type Task } from './metrics';

/** What the rules below look at of a `model.config.json`. */
export interface JudgedModel {
  readonly task: Task;
  readonly datasets: { readonly validation?: string };
  readonly query?: string;
  readonly evaluation: EvaluationConfig;
}

export interface ConfigIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** All that the schema of each key alone cannot see: names that must fit the task, the slices and the splits. */
export function judgeEvaluation(model: JudgedModel): ConfigIssue[] {
  return [
    ...judgeTask(model),
    ...judgeMetrics(model),
    ...model.evaluation.gates.flatMap((gate, index) =>
      judgeGateNames(model, gate).map(({ path, message }) => ({
        path: ['evaluation', 'gates', index, ...path],
        message,
      })),
    ),
  ];
}

function judgeTask({ task, datasets, query, evaluation }: JudgedModel): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const complain = (path: ConfigIssue['path'], message: string) => issues.push({ path, message });
  if (task === 'ranking' && query === undefined) {
    complain(['query'], 'a ranking needs the column whose rows are ranked against each other');
  }
  if (task !== 'ranking' && query !== undefined) complain(['query'], `"query" is for a ranking, not ${task}`);
  const hasScript = hasEvaluationScript(evaluation);
  if (evaluation.entry !== undefined && evaluation.command !== undefined) {
    complain(['evaluation'], 'give either "entry" or "command"');
  }
  if (Object.keys(evaluation.customMetrics).length > 0 && !hasScript) {
    complain(['evaluation', 'customMetrics'], 'these are written by a script: give "entry" or "command"');
  }
  for (const name of Object.keys(evaluation.customMetrics)) {
    if (parseMetric(name) !== undefined || (performanceMetricNames as string[]).includes(name)) {
      complain(['evaluation', 'customMetrics', name], `"${name}" is a metric of ours: choose another name`);
    }
  }
  if (choosesThreshold(evaluation)) {
    if (task !== 'binary-classification') {
      complain(['evaluation', 'threshold'], `a threshold is chosen for binary-classification, not ${task}`);
    } else if (hasEvaluationScript(evaluation)) {
      complain(
        ['evaluation', 'threshold'],
        'a rule chooses by our own predictions: beside a script give a number',
      );
    } else if (datasets.validation === undefined) {
      complain(
        ['evaluation', 'threshold'],
        'a threshold is chosen on the validation split: give datasets.validation',
      );
    }
  }
  if (evaluation.fairness.length > 0 && task !== 'binary-classification') {
    complain(['evaluation', 'fairness'], `fairness is measured of binary-classification, not ${task}`);
  }
  const lists = {
    metrics: evaluation.metrics ?? [],
    slices: evaluation.slices.map(sliceName),
    fairness: evaluation.fairness,
  };
  for (const [key, names] of Object.entries(lists)) {
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) {
        complain(['evaluation', key, index], `"${name}" is listed twice`);
      }
    });
  }
  return issues;
}

function judgeMetrics({ task, evaluation }: JudgedModel): ConfigIssue[] {
  return (evaluation.metrics ?? []).flatMap((name, index) =>
    parseMetric(name)?.definition.tasks.includes(task)
      ? []
      : [{ path: ['evaluation', 'metrics', index], message: noMetricOf(task, name) }],
  );
}

function judgeGateNames({ task, evaluation }: JudgedModel, gate: GateConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  if (gate.fairness === undefined) {
    issues.push(...judgeGateMetric(task, evaluation, gate));
  } else {
    if (!Object.hasOwn(fairnessMetrics, gate.metric)) {
      const known = Object.keys(fairnessMetrics);
      issues.push({
        path: ['metric'],
        message: `"${gate.metric}" is no difference between groups.${suggestion(gate.metric, known)}`,
      });
    }
    if (!evaluation.fairness.includes(gate.fairness)) {
      issues.push({ path: ['fairness'], message: `"${gate.fairness}" is not among evaluation.fairness` });
    }
  }
  if (gate.slice !== undefined) {
    const names = evaluation.slices.map(sliceName);
    if (!names.includes(gate.slice) && !names.includes(parseSliceReference(gate.slice).name)) {
      issues.push({ path: ['slice'], message: `"${gate.slice}" is not among evaluation.slices` });
    }
  }
  return issues;
}

function judgeGateMetric(task: Task, evaluation: EvaluationConfig, gate: GateConfig): ConfigIssue[] {
  const { metric } = gate;
  const custom = Object.keys(evaluation.customMetrics);
  if (custom.includes(metric)) return [];
  if ((performanceMetricNames as string[]).includes(metric)) {
    return gate.slice === undefined
      ? []
      : [{ path: ['slice'], message: `"${metric}" is measured once, not by slice` }];
  }
  if (!parseMetric(metric)?.definition.tasks.includes(task)) {
    return [{ path: ['metric'], message: noMetricOf(task, metric, [...custom, ...performanceMetricNames]) }];
  }
  if (gate.versus !== undefined && metric === 'max-error') {
    const message =
      'one row decides the largest error, so two models cannot be compared by it; compare "median-absolute-error" or "mae", or give "max"';
    return [{ path: ['versus'], message }];
  }
  const measured: readonly string[] = evaluation.metrics ?? defaultMetrics(task);
  if (measured.includes(metric)) return [];
  return [
    {
      path: ['metric'],
      message: `"${metric}" is not measured; list it in evaluation.metrics (measured now: ${measured.join(', ')})`,
    },
  ];
}

function noMetricOf(task: Task, name: string, others: readonly string[] = []): string {
  return `"${name}" is no metric of ${task}.${metricSuggestion(name, task, others)}`;
}
