import type {
  Comparison,
  Evaluation,
  GateReport,
  GateResult,
  ModelManifest,
  Validation,
} from '@nx-mlops/core';
import type { ModelReport, ReportedProject } from './model-report';
import type { WorkspaceReport } from './workspace-report';

export const now = new Date('2026-11-24T12:00:00Z');

export function projectOf(name: string, dependencies: readonly string[] = []): ReportedProject {
  return {
    name,
    root: `ml/${name.replace(/^@/, '')}`,
    targets: { train: 'train', evaluate: 'evaluate', gate: 'gate' },
    dependencies,
  };
}

export function manifestOf(model: string, changes: Partial<ModelManifest> = {}): ModelManifest {
  return {
    version: 1,
    model,
    task: 'binary-classification',
    file: { sha256: 'a'.repeat(64), size: 12_345 },
    features: [
      { name: 'distance', type: 'number' },
      { name: 'hour', type: 'integer' },
      { name: 'carrier', type: 'string' },
    ],
    target: 'late',
    classes: [false, true],
    inputLayout: 'columns',
    inputs: [{ name: 'distance', type: 'float32', shape: [-1] }],
    outputs: [{ name: 'scores', type: 'float32', shape: [-1] }],
    scoreOutput: 'scores',
    datasets: { train: { dataset: 'flights', split: 'train', sha256: '1'.repeat(64), rows: 52_000 } },
    ...changes,
  };
}

export function evaluationOf(model: string, changes: Partial<Evaluation> = {}): Evaluation {
  return {
    version: 2,
    model,
    task: 'binary-classification',
    modelSha256: 'a'.repeat(64),
    modelSize: 12_345,
    test: { dataset: 'flights', split: 'test', sha256: '3'.repeat(64), rows: 13_000 },
    confidence: 0.95,
    metrics: { 'roc-auc': 0.7312, 'log-loss': 0.4421, accuracy: 0.8127 },
    intervals: {
      'roc-auc': { low: 0.7204, high: 0.742, method: 'delong' },
      'log-loss': { low: 0.433, high: 0.4513, method: 'jackknife' },
      accuracy: { low: 0.8059, high: 0.8193, method: 'wilson' },
    },
    directions: { 'roc-auc': 'higher', 'log-loss': 'lower', accuracy: 'higher' },
    baseline: { strategy: 'prior', metrics: { 'roc-auc': 0.5, 'log-loss': 0.5204, accuracy: 0.7831 } },
    slices: [],
    fairness: [],
    warnings: [],
    ...changes,
  };
}

export function gateOf(changes: Partial<GateResult> = {}): GateResult {
  return {
    name: 'roc-auc >= 0.7',
    kind: 'limit',
    metric: 'roc-auc',
    min: 0.7,
    value: 0.7312,
    interval: { low: 0.7204, high: 0.742, method: 'delong' },
    severity: 'block',
    verdict: 'pass',
    because: '0.7312 is at least 0.7, and so is its whole interval of 0.7204 to 0.742.',
    ...changes,
  };
}

export const comparison: Comparison = {
  verdict: 'better',
  difference: 0.0121,
  low: 0.0043,
  high: 0.0199,
  confidence: 0.9,
  margin: 0.005,
  p: 0.011,
  test: 'delong',
  rows: 13_000,
};

export const versusProduction: GateResult = gateOf({
  name: 'roc-auc versus production',
  kind: 'versus',
  min: undefined,
  versus: { baseline: 'production', modelVersion: 12, value: 0.7191, comparison },
  because: 'Better than version 12 in production by 0.0121 (0.0043 to 0.0199) on the same 13,000 rows.',
});

export function gatesOf(model: string, gates: readonly GateResult[]): GateReport {
  const isBlocked = gates.some(({ effect }) => effect === 'block');
  return {
    version: 2,
    model,
    modelSha256: 'a'.repeat(64),
    evaluationSha256: 'e'.repeat(64),
    passed: !isBlocked,
    verdict: isBlocked
      ? 'fail'
      : gates.some(({ verdict }) => verdict === 'inconclusive')
        ? 'inconclusive'
        : 'pass',
    gates: [...gates],
    baselines: [
      {
        name: 'production',
        modelVersion: 12,
        modelSha256: 'b'.repeat(64),
        commit: '9f3c2e1d'.repeat(5),
        registeredAt: '2026-11-10T08:00:00Z',
        rescored: true,
        metrics: { 'roc-auc': 0.7191, 'log-loss': 0.4502, accuracy: 0.8098 },
        because: 'It serves in production.',
      },
    ],
  };
}

const validation: Validation = {
  version: 1,
  dataset: 'flights',
  passed: true,
  checks: [
    { check: 'required', split: 'train', column: 'distance', verdict: 'pass', because: 'None is missing.' },
    {
      check: 'newCategory',
      split: 'test',
      column: 'carrier',
      verdict: 'warn',
      because: '2 values that train lacks: "XE", "9K".',
      failingRows: 41,
    },
  ],
};

export function modelOf(name: string, changes: Partial<ModelReport> = {}): ModelReport {
  return {
    project: projectOf(name, ['flights']),
    judgement: { kind: 'judged', gates: gatesOf(name, [gateOf(), versusProduction]) },
    manifest: manifestOf(name),
    evaluation: evaluationOf(name),
    champion: { kind: 'found', name: 'production', modelVersion: 12, manifest: manifestOf(name) },
    splits: [
      { role: 'train', reference: 'flights:train', before: 48_000, now: 52_000, isChanged: true },
      { role: 'test', reference: 'flights:test', before: 13_000, now: 13_000, isChanged: false },
    ],
    schema: { added: [], removed: [], retyped: [] },
    datasets: [{ name: 'flights', validation, missing: [{ split: 'train', column: 'hour', share: 0.031 }] }],
    time: {
      tasks: [
        { project: 'flights', target: 'prepare', outcome: 'cached', duration: 0.2 },
        { project: name, target: 'train', outcome: 'ran', duration: 185 },
        { project: name, target: 'evaluate', outcome: 'ran', duration: 6.2 },
        { project: name, target: 'gate', outcome: 'ran', duration: 0.9 },
      ],
      spent: 192.1,
      saved: undefined,
    },
    ...changes,
  };
}

/** Every kind of verdict at once. */
export function variedReport(): WorkspaceReport {
  const failing = gateOf({
    name: 'roc-auc >= 0.55 on origin=JFK',
    value: 0.5123,
    min: 0.55,
    interval: { low: 0.4801, high: 0.5442, method: 'delong' },
    slice: { column: 'origin', value: 'JFK', rows: 1_204 },
    verdict: 'fail',
    effect: 'block',
    because:
      '0.5123 is below 0.55 by 0.0377, and by Holm over 4 slices this is no noise (p 0.003). Look at the rows of JFK in the training split.',
  });
  const undecided: GateResult = {
    ...versusProduction,
    versus: {
      baseline: 'production',
      modelVersion: 7,
      value: 0.8604,
      comparison: {
        ...comparison,
        verdict: 'inconclusive',
        difference: -0.0032,
        low: -0.0121,
        high: 0.0057,
        rowsNeeded: 31_000,
      },
    },
    value: 0.8572,
    verdict: 'inconclusive',
    effect: 'warn',
    because:
      'The difference of −0.0032 (−0.0121 to 0.0057) may be worse than the margin of 0.005. About 31,000 rows would decide; there are 13,000.',
  };
  const churn = evaluationOf('churn', {
    metrics: { 'roc-auc': 0.8572, 'log-loss': 0.3011 },
    intervals: { 'roc-auc': { low: 0.8411, high: 0.8733, method: 'delong' } },
    warnings: [
      {
        code: 'calibration',
        message: 'The scores are too sure of themselves: an expected calibration error of 0.061.',
      },
    ],
  });
  const churnGates = gatesOf('churn', [undecided]);
  return {
    models: [
      modelOf('flight-delay', {
        judgement: { kind: 'judged', gates: gatesOf('flight-delay', [gateOf(), versusProduction, failing]) },
        evaluation: evaluationOf('flight-delay', {
          slices: [
            {
              column: 'origin',
              kind: 'automatic',
              value: 'JFK',
              rows: 1_204,
              metrics: { 'roc-auc': 0.5123 },
              intervals: {},
              adjustedP: { 'roc-auc': 0.004 },
            },
          ],
        }),
        schema: { added: ['carrier'], removed: [], retyped: [] },
      }),
      modelOf('churn', {
        judgement: {
          kind: 'judged',
          gates: {
            ...churnGates,
            baselines: churnGates.baselines.map((baseline) => ({
              ...baseline,
              modelVersion: 7,
              registeredAt: '2026-08-02T08:00:00Z',
              metrics: { 'roc-auc': 0.8604, 'log-loss': 0.2988 },
            })),
          },
        },
        evaluation: churn,
        splits: [
          { role: 'train', reference: 'customers:train', before: 9_400, now: 9_400, isChanged: false },
          { role: 'test', reference: 'customers:test', before: 2_300, now: 2_300, isChanged: false },
        ],
        datasets: [],
        time: {
          tasks: [
            { project: 'churn', target: 'train', outcome: 'cached', duration: 0.1 },
            { project: 'churn', target: 'gate', outcome: 'ran', duration: 0.8 },
          ],
          spent: 0.8,
          saved: 754,
        },
      }),
      modelOf('@acme/basket-value', {
        judgement: {
          kind: 'not-judged',
          because: 'The task `baskets:validate` failed in this run, so nothing newer was judged.',
        },
        evaluation: undefined,
        splits: [],
        datasets: [
          {
            name: 'baskets',
            missing: [],
            validation: {
              version: 1,
              dataset: 'baskets',
              passed: false,
              checks: [
                {
                  check: 'required',
                  split: 'train',
                  column: 'total',
                  verdict: 'fail',
                  because: '312 of 41,000 values are missing.',
                },
              ],
            },
          },
        ],
        time: { tasks: [], spent: undefined, saved: undefined },
      }),
      modelOf('penguins', { datasets: [] }),
    ],
    run: { duration: 263, tasks: [] },
    runUrl: 'https://github.com/acme/shop/actions/runs/9',
    commit: '4c1a9be'.repeat(5),
    now,
    staleDays: 30,
  };
}
