import { createHash } from 'node:crypto';
import {
  calibrationBins,
  confusionMatrix,
  expectedCalibrationError,
  modelConfigSchema,
  precisionRecallCurve,
  rocCurve,
  type BinarySample,
  type ClassLabel,
  type ClassResult,
  type Comparison,
  type Evaluation,
  type GateReport,
  type GateResult,
  type Interval,
  type ModelConfig,
  type ModelManifest,
  type Performance,
  type Profile,
  type RunRecord,
  type SliceResult,
  type SliceValue,
} from '@nx-mlops/core';
import type { GateFilesInput } from './gate-files-input';

/** Models of each task and gates of each outcome, made from drawn scores, so that the figures fit one another. */

const digest = (name: string) => createHash('sha256').update(name).digest('hex');
const testSplit = { dataset: 'flights', split: 'test', sha256: digest('7'), rows: 4000 };

/** Numbers in [0, 1) that are the same at each call (mulberry32). */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function interval(value: number, half: number, method: Interval['method'] = 'bootstrap'): Interval {
  return { low: value - half, high: value + half, method };
}

export function comparison(overrides: Partial<Comparison> = {}): Comparison {
  return {
    verdict: 'non-inferior',
    difference: 0.0021,
    low: -0.0031,
    high: 0.0073,
    confidence: 0.9,
    margin: 0.005,
    p: 0.51,
    test: 'delong',
    rows: testSplit.rows,
    ...overrides,
  };
}

export function gate(overrides: Partial<GateResult> = {}): GateResult {
  return {
    name: 'roc-auc >= 0.6',
    kind: 'limit',
    metric: 'roc-auc',
    min: 0.6,
    value: 0.7312,
    interval: interval(0.7312, 0.016, 'delong'),
    severity: 'block',
    verdict: 'pass',
    because: 'Its whole 95 % interval, 0.7152 to 0.7472, is at or above 0.6.',
    ...overrides,
  };
}

export function reportOf(
  evaluation: Evaluation,
  gates: GateResult[],
  baselines: GateReport['baselines'] = [],
): GateReport {
  const passed = gates.every(({ effect }) => effect !== 'block');
  const undecided = gates.some(({ verdict }) => verdict === 'inconclusive');
  return {
    version: 2,
    model: evaluation.model,
    modelSha256: evaluation.modelSha256,
    evaluationSha256: digest('e'),
    passed,
    verdict: passed ? (undecided ? 'inconclusive' : 'pass') : 'fail',
    gates,
    baselines,
  };
}

function slice(
  column: string,
  value: SliceValue,
  rows: number,
  metrics: Record<string, number>,
  overrides: Partial<SliceResult> = {},
): SliceResult {
  const half = 0.9 / Math.sqrt(rows);
  return {
    column,
    kind: 'declared',
    value,
    rows,
    metrics,
    intervals: Object.fromEntries(
      Object.entries(metrics).map(([name, figure]) => [name, interval(figure, half * Math.max(0.5, figure))]),
    ),
    ...overrides,
  };
}

function evaluationOf(model: string, overrides: Partial<Evaluation> & Pick<Evaluation, 'task'>): Evaluation {
  return {
    version: 2,
    model,
    modelSha256: digest('a'),
    modelSize: 48_213,
    test: testSplit,
    confidence: 0.95,
    metrics: {},
    intervals: {},
    directions: {},
    baseline: { strategy: 'prior', metrics: {} },
    slices: [],
    fairness: [],
    warnings: [],
    ...overrides,
  };
}

/**
 * @param skill standard deviations between the scores of the classes; 0.9 is a ROC AUC of about 0.74
 * @param figures that are not counted from the scores here
 */
function binaryEvaluation(skill: number, seed: number, figures: Record<string, number>): Evaluation {
  const random = drawn(seed);
  const { rows } = testSplit;
  const labels = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    labels[row] = random() < 0.22 ? 1 : 0;
    const noise = 2 * (random() + random() + random() - 1.5);
    const evidence = skill * ((labels[row] as number) - 0.5) + noise;
    scores[row] = 1 / (1 + Math.exp(1.27 - 1.25 * skill * evidence));
  }
  const threshold = 0.27;
  const sample: BinarySample = { task: 'binary-classification', scores, labels, threshold };
  const confusion = confusionMatrix(
    labels,
    Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0)),
    2,
  );
  const perClass = classResults([false, true], confusion);
  const positive = perClass[1] as ClassResult;
  const right = (confusion[0]?.[0] ?? 0) + (confusion[1]?.[1] ?? 0);
  const metrics = {
    ...figures,
    accuracy: right / rows,
    precision: positive.precision,
    recall: positive.recall,
    f1: positive.f1,
  };
  const bins = calibrationBins({ scores, labels }, 10);
  return evaluationOf('flight-delay', {
    task: 'binary-classification',
    metrics,
    intervals: Object.fromEntries(
      Object.entries(metrics).map(([name, value]) => [
        name,
        interval(value ?? 0, 0.022 * Math.max(0.4, value ?? 0), name === 'roc-auc' ? 'delong' : 'bootstrap'),
      ]),
    ),
    directions: {
      'roc-auc': 'higher',
      'pr-auc': 'higher',
      'log-loss': 'lower',
      accuracy: 'higher',
      precision: 'higher',
      recall: 'higher',
      f1: 'higher',
      ece: 'lower',
    },
    baseline: {
      strategy: 'prior',
      metrics: {
        'roc-auc': 0.5,
        'pr-auc': 0.22,
        'log-loss': 0.527,
        accuracy: 0.78,
        recall: 0,
        precision: null,
      },
    },
    classes: [false, true],
    threshold,
    thresholdChosen: { dataset: 'flights', split: 'validation', sha256: digest('6'), rule: 'largest f1' },
    confusion,
    perClass,
    calibration: {
      scheme: 'equal-mass',
      ece: expectedCalibrationError(bins),
      bins: bins.map(({ rows: count, positiveShare, lowestScore, highestScore, meanScore }) => {
        const half = 1.96 * Math.sqrt((positiveShare * (1 - positiveShare) + 0.003) / count);
        return {
          lowestScore,
          highestScore,
          meanScore,
          rows: count,
          observed: positiveShare,
          low: Math.max(0, positiveShare - half),
          high: Math.min(1, positiveShare + half),
        };
      }),
    },
    curves: {
      roc: rocCurve(sample, 300).map((point) => [point.falsePositiveRate, point.truePositiveRate]),
      precisionRecall: precisionRecallCurve(sample, 300).map((point) => [point.recall, point.precision]),
      thresholds: sweep(scores, labels),
    },
  });
}

/** Precision and recall of each class of a confusion matrix. */
function classResults(
  labels: readonly ClassLabel[],
  confusion: readonly (readonly number[])[],
): ClassResult[] {
  return labels.map((label, index) => {
    const rows = (confusion[index] ?? []).reduce((sum, count) => sum + count, 0);
    const hit = confusion[index]?.[index] ?? 0;
    const predicted = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    return {
      label,
      rows,
      precision: predicted === 0 ? null : hit / predicted,
      recall: rows === 0 ? null : hit / rows,
      f1: rows + predicted === 0 ? null : (2 * hit) / (rows + predicted),
    };
  });
}

function sweep(scores: Float64Array, labels: Uint8Array) {
  return Array.from({ length: 101 }, (_, step) => {
    const threshold = step / 100;
    let [selected, found, positives] = [0, 0, 0];
    for (let row = 0; row < labels.length; row++) {
      const label = labels[row] as number;
      positives += label;
      if ((scores[row] as number) < threshold) continue;
      selected++;
      found += label;
    }
    return {
      threshold,
      precision: selected === 0 ? null : found / selected,
      recall: found / positives,
      f1: (2 * found) / (selected + positives),
      selectionRate: selected / labels.length,
    };
  });
}

const challengerFigures = {
  'roc-auc': 0.7312,
  'pr-auc': 0.4521,
  'log-loss': 0.4687,
  ece: 0.0312,
};
const championFigures = {
  'roc-auc': 0.7466,
  'pr-auc': 0.4702,
  'log-loss': 0.4592,
  ece: 0.0187,
};

const flightSlices = [
  slice('origin', 'JFK', 1210, { 'roc-auc': 0.741, 'log-loss': 0.452, recall: 0.61 }),
  slice('origin', 'LGA', 1105, { 'roc-auc': 0.735, 'log-loss': 0.47, recall: 0.6 }),
  slice(
    'origin',
    'EWR',
    980,
    { 'roc-auc': 0.612, 'log-loss': 0.53, recall: 0.44 },
    { adjustedP: { 'roc-auc': 0.004 } },
  ),
  slice('origin', null, 31, { 'roc-auc': 0.69, 'log-loss': 0.49, recall: 0.5 }),
  slice('long haul', true, 890, { 'roc-auc': 0.748, 'log-loss': 0.44, recall: 0.63 }, { kind: 'expression' }),
  slice(
    'long haul',
    false,
    3110,
    { 'roc-auc': 0.724, 'log-loss': 0.477, recall: 0.59 },
    { kind: 'expression' },
  ),
  slice(
    'hour',
    23,
    140,
    { 'roc-auc': 0.58, 'log-loss': 0.61, recall: 0.41 },
    { kind: 'automatic', adjustedP: { 'roc-auc': 0.06, 'log-loss': 0.02 } },
  ),
  slice(
    'hour',
    6,
    610,
    { 'roc-auc': 0.76, 'log-loss': 0.39, recall: 0.62 },
    { kind: 'automatic', adjustedP: { 'roc-auc': 0.4, 'log-loss': 0.01 } },
  ),
];

const fairness: Evaluation['fairness'] = [
  {
    column: 'carrier_group',
    minRows: 50,
    metrics: {
      'selection-rate-difference': 0.062,
      'selection-rate-ratio': 0.81,
      'tpr-difference': 0.094,
      'fpr-difference': 0.031,
      'ece-difference': 0.012,
    },
    intervals: {
      'selection-rate-difference': interval(0.062, 0.028),
      'selection-rate-ratio': interval(0.81, 0.08),
      'tpr-difference': interval(0.094, 0.06),
    },
    groups: [
      {
        value: 'major',
        rows: 2890,
        selectionRate: 0.331,
        selectionRateInterval: interval(0.331, 0.017, 'wilson'),
        truePositiveRate: 0.622,
        falsePositiveRate: 0.249,
        ece: 0.024,
      },
      {
        value: 'regional',
        rows: 1070,
        selectionRate: 0.269,
        selectionRateInterval: interval(0.269, 0.027, 'wilson'),
        truePositiveRate: 0.528,
        falsePositiveRate: 0.218,
        ece: 0.036,
      },
      {
        value: null,
        rows: 40,
        selectionRate: 0.3,
        truePositiveRate: null,
        falsePositiveRate: 0.3,
        ece: null,
      },
    ],
  },
];

export function configOf(task: ModelConfig['task'], overrides: Record<string, unknown> = {}): ModelConfig {
  return modelConfigSchema.parse({
    description: 'Whether a flight lands more than 15 minutes late, known at departure.',
    task,
    datasets: { train: 'flights:train', validation: 'flights:validation', test: 'flights:test' },
    features: ['distance', 'hour', 'origin'],
    target: 'late',
    training: { entry: 'src/train.ts', params: { epochs: 5, 'learning-rate': 0.01 }, seed: 7 },
    ...overrides,
  });
}

function manifestOf(evaluation: Evaluation): ModelManifest {
  return {
    version: 1,
    model: evaluation.model,
    task: evaluation.task,
    file: { size: evaluation.modelSize, sha256: evaluation.modelSha256 },
    features: [
      { name: 'distance', type: 'number' },
      { name: 'hour', type: 'integer' },
      { name: 'origin', type: 'string' },
    ],
    target: 'late',
    ...(evaluation.classes === undefined ? {} : { classes: evaluation.classes }),
    inputLayout: 'columns',
    inputs: [
      { name: 'distance', type: 'float32', shape: [-1, 1] },
      { name: 'hour', type: 'int64', shape: [-1, 1] },
      { name: 'origin', type: 'string', shape: [-1, 1] },
    ],
    outputs: [{ name: 'probability', type: 'float32', shape: [-1] }],
    scoreOutput: 'probability',
    datasets: {
      train: { dataset: 'flights', split: 'train', sha256: digest('5'), rows: 120_000 },
      validation: { dataset: 'flights', split: 'validation', sha256: digest('6'), rows: 15_000 },
    },
  };
}

export const performanceFixture: Performance = {
  version: 1,
  modelSha256: digest('a'),
  metrics: {
    'model-size': 48_213,
    'latency-p50': 0.0412,
    'latency-p95': 0.0894,
    'latency-p99': 0.213,
    throughput: 412_334.2,
  },
  measuredOn: 'AMD EPYC 9R14, linux x64, Node 20.20.2, ONNX Runtime 1.30.0',
};

const runFixture: RunRecord = {
  version: 1,
  model: 'flight-delay',
  startedAt: '2026-11-05T12:30:11.000Z',
  finishedAt: '2026-11-05T12:33:16.000Z',
  duration: 185,
  host: 'build-07',
  commit: digest('commit').slice(0, 40),
  dirty: false,
  node: '20.20.2',
  params: { epochs: 5, 'learning-rate': 0.01 },
  seed: 7,
  finalMetrics: { loss: 0.4391, val_loss: 0.4622 },
};

export const profileFixture: Profile = {
  version: 1,
  dataset: 'flights',
  split: 'train',
  sha256: digest('5'),
  rows: 120_000,
  columns: [
    {
      name: 'distance',
      type: 'number',
      rows: 120_000,
      missing: 240,
      distinct: 1342,
      minimum: 31,
      maximum: 4983,
      mean: 727.4,
      standardDeviation: 560.1,
    },
    {
      name: 'hour',
      type: 'integer',
      rows: 120_000,
      missing: 0,
      distinct: 24,
      minimum: 0,
      maximum: 23,
      mean: 13.2,
      standardDeviation: 4.7,
    },
    {
      name: 'origin',
      type: 'string',
      rows: 120_000,
      missing: 0,
      distinct: 3,
      top: [
        ['EWR', 43_512],
        ['JFK', 40_102],
        ['LGA', 36_386],
      ],
      otherCount: 0,
    },
    {
      name: 'late',
      type: 'boolean',
      rows: 120_000,
      missing: 0,
      distinct: 2,
      top: [
        [false, 93_600],
        [true, 26_400],
      ],
      otherCount: 0,
    },
  ],
};

function inputOf(
  evaluation: Evaluation,
  report: GateReport,
  overrides: Partial<GateFilesInput> = {},
): GateFilesInput {
  return {
    evaluation,
    performance: performanceFixture,
    report,
    config: configOf(evaluation.task, evaluation.task === 'ranking' ? { query: 'search' } : {}),
    manifest: manifestOf(evaluation),
    run: runFixture,
    baselines: new Map(),
    profile: profileFixture,
    ...overrides,
  };
}

const binaryConfig = configOf('binary-classification', {
  positiveClass: true,
  evaluation: {
    metrics: ['roc-auc', 'pr-auc', 'log-loss', 'accuracy', 'precision', 'recall', 'f1', 'ece'],
    threshold: { maximise: 'f1' },
    slices: ['origin', { name: 'long haul', sql: 'distance > 1000' }],
    fairness: ['carrier_group'],
  },
});

/** Curves of thousands of rows take their time, and are the same each time. */
let flightModels: { readonly challenger: Evaluation; readonly champion: Evaluation } | undefined;

/** Worse than the champion overall and on a slice, with gates of every outcome. */
export function binaryFailed(): GateFilesInput {
  flightModels ??= {
    challenger: binaryEvaluation(0.87, 12, challengerFigures),
    champion: {
      ...binaryEvaluation(0.95, 11, championFigures),
      modelSha256: digest('b'),
      modelSize: 47_900,
    },
  };
  const { champion } = flightModels;
  const evaluation: Evaluation = {
    ...flightModels.challenger,
    slices: flightSlices,
    fairness,
    warnings: [
      { code: 'few-rows', message: 'The slice origin = (missing) has 31 rows: its figures are rough.' },
      { code: 'calibration', message: 'Scores above 0.6 are too high by 0.08 on average.' },
    ],
  };
  const versus = (figures: Partial<Comparison>): GateResult['versus'] => ({
    baseline: 'production',
    modelVersion: 12,
    value: 0.7466,
    comparison: comparison(figures),
  });
  const gates: GateResult[] = [
    gate(),
    gate({
      name: 'roc-auc versus production',
      kind: 'versus',
      min: undefined,
      versus: versus({ verdict: 'worse', difference: -0.0154, low: -0.0231, high: -0.0077, p: 0.001 }),
      verdict: 'fail',
      effect: 'block',
      because:
        'Worse than production v12 by 0.0154 (90 % interval 0.0077 to 0.0231), which is more than the margin of 0.005. Look at the slices and at what changed in the features since v12.',
    }),
    gate({
      name: 'log-loss versus production',
      kind: 'versus',
      metric: 'log-loss',
      min: undefined,
      value: 0.4687,
      interval: interval(0.4687, 0.0075),
      versus: {
        ...(versus({
          verdict: 'inconclusive',
          difference: -0.0031,
          low: -0.0069,
          high: 0.0008,
          margin: 0.0046,
          p: 0.19,
          test: 'bootstrap',
          rowsNeeded: 9800,
        }) as NonNullable<GateResult['versus']>),
        value: 0.4592,
      },
      verdict: 'inconclusive',
      effect: 'warn',
      because:
        'It may be worse than production v12 by up to 0.0069, beyond the margin of 0.0046. About 9,800 test rows would decide it.',
    }),
    ...(
      [
        ['EWR', 980, 0.612, 'fail', 'block', 0.0021],
        ['JFK', 1210, 0.741, 'pass', undefined, 1],
        ['LGA', 1105, 0.735, 'pass', undefined, 1],
      ] as const
    ).map(([value, rows, figure, verdict, effect, adjustedP]) =>
      gate({
        name: `roc-auc >= 0.66 on origin=${value}`,
        min: 0.66,
        slice: { column: 'origin', value, rows },
        value: figure,
        interval: interval(figure, 0.026),
        adjustedP,
        verdict,
        ...(effect === undefined ? {} : { effect }),
        because:
          verdict === 'fail'
            ? '0.612 is below 0.66 by 0.048, and by Holm over 3 slices this is no noise (p 0.0021).'
            : `${figure} is at or above 0.66.`,
      }),
    ),
    gate({
      name: 'roc-auc >= 0.66 on origin=(missing)',
      min: 0.66,
      slice: { column: 'origin', value: null, rows: 31 },
      value: 0.69,
      interval: undefined,
      verdict: 'skipped',
      because: '31 rows are fewer than the 50 that a judgement needs.',
    }),
    gate({
      name: 'selection-rate-ratio >= 0.8 by carrier_group',
      kind: 'fairness',
      metric: 'selection-rate-ratio',
      fairness: 'carrier_group',
      min: 0.8,
      value: 0.81,
      interval: interval(0.81, 0.08),
      severity: 'warn',
      because: '0.81 is at or above 0.8.',
    }),
    gate({
      name: 'latency-p95 <= 0.05',
      metric: 'latency-p95',
      min: undefined,
      max: 0.05,
      value: 0.0894,
      interval: undefined,
      severity: 'info',
      verdict: 'fail',
      effect: 'info',
      because: '0.0894 ms is above 0.05 ms.',
    }),
    gate({
      name: 'roc-auc versus last-release',
      kind: 'versus',
      min: undefined,
      versus: { baseline: 'last-release', value: null },
      verdict: 'skipped',
      because: 'Nothing was released yet.',
    }),
  ].map(withoutUndefined);
  return inputOf(
    evaluation,
    reportOf(evaluation, gates, [
      {
        name: 'production',
        modelVersion: 12,
        modelSha256: digest('b'),
        commit: digest('champion').slice(0, 40),
        registeredAt: '2026-10-29T08:12:00.000Z',
        rescored: true,
        metrics: champion.metrics,
        intervals: champion.intervals,
        because: 'Serves in production since 2026-10-29.',
      },
      { name: 'last-release', because: 'Nothing was released yet.' },
    ]),
    { config: binaryConfig, baselines: new Map([['production', champion]]) },
  );
}

/** Better than the champion; all gates hold. */
export function binaryPassed(): GateFilesInput {
  const failed = binaryFailed();
  const gates = [
    gate(),
    gate({
      name: 'roc-auc versus production',
      kind: 'versus',
      versus: { baseline: 'production', modelVersion: 12, value: 0.7291, comparison: comparison() },
      because: 'Not worse than production v12 by more than 0.005: the difference is at least −0.0031.',
    }),
  ];
  return {
    ...failed,
    report: reportOf(failed.evaluation, gates, failed.report.baselines.slice(0, 1)),
  };
}

/** Nothing fails, one gate cannot be decided. */
export function binaryInconclusive(): GateFilesInput {
  const failed = binaryFailed();
  const gates = failed.report.gates.filter(({ effect, verdict }) => effect === 'warn' || verdict === 'pass');
  return { ...failed, report: reportOf(failed.evaluation, gates, failed.report.baselines) };
}

export function multiclass(): GateFilesInput {
  const labels: ClassLabel[] = ['bus', 'car', 'cycle', 'truck'];
  const confusion = [
    [210, 21, 3, 18],
    [12, 480, 5, 33],
    [1, 9, 190, 0],
    [25, 44, 1, 148],
  ];
  const random = drawn(5);
  const evaluation = evaluationOf('vehicle-kind', {
    task: 'multiclass-classification',
    test: { ...testSplit, dataset: 'vehicles', rows: 1200 },
    metrics: { accuracy: 0.8567, 'macro-f1': 0.8438, 'log-loss': 0.4123, 'top-k-accuracy@3': 0.9901 },
    intervals: {
      accuracy: interval(0.8567, 0.0198, 'wilson'),
      'macro-f1': interval(0.8438, 0.022),
      'log-loss': interval(0.4123, 0.041),
    },
    directions: {
      accuracy: 'higher',
      'macro-f1': 'higher',
      'log-loss': 'lower',
      'top-k-accuracy@3': 'higher',
    },
    baseline: { strategy: 'prior', metrics: { accuracy: 0.4417, 'macro-f1': 0.153, 'log-loss': 1.31 } },
    classes: labels,
    confusion,
    perClass: classResults(labels, confusion),
    calibration: {
      scheme: 'equal-mass',
      ece: 0.041,
      bins: Array.from({ length: 10 }, (_, bin) => {
        const meanScore = 0.4 + 0.06 * bin;
        const observed = Math.min(0.99, meanScore + 0.04 * (random() - 0.7));
        return {
          rows: 120,
          lowestScore: meanScore - 0.03,
          highestScore: meanScore + 0.03,
          meanScore,
          observed,
          low: Math.max(0, observed - 0.08),
          high: Math.min(1, observed + 0.06),
        };
      }),
    },
  });
  const gates = [
    gate({
      name: 'accuracy >= 0.85',
      metric: 'accuracy',
      min: 0.85,
      value: 0.8567,
      interval: interval(0.8567, 0.0198, 'wilson'),
      verdict: 'inconclusive',
      effect: 'block',
      because:
        '0.8567 is at or above 0.85, but its 95 % interval reaches down to 0.8369. Measure on more rows, or lower the minimum.',
    }),
  ];
  return inputOf(evaluation, reportOf(evaluation, gates));
}

export function regression(): GateFilesInput {
  const random = drawn(3);
  const predictions = Array.from({ length: 500 }, (): [number, number] => {
    const target = 60 + 240 * random();
    return [target, target + 30 * (random() + random() - 1)];
  });
  const counts = [3, 12, 41, 120, 260, 420, 520, 380, 170, 60, 12, 2];
  const evaluation = evaluationOf('flight-minutes', {
    task: 'regression',
    metrics: { mae: 9.812, rmse: 12.44, r2: 0.9671, 'mean-error': -0.21 },
    intervals: {
      mae: interval(9.812, 0.31),
      rmse: interval(12.44, 0.5),
      r2: interval(0.9671, 0.003),
      'mean-error': interval(-0.21, 0.55),
    },
    directions: { mae: 'lower', rmse: 'lower', r2: 'higher', 'mean-error': 'lower' },
    baseline: { strategy: 'mean', metrics: { mae: 59.8, rmse: 69.2, r2: 0, 'mean-error': 0 } },
    curves: {
      residuals: { edges: counts.map((_, index) => -30 + index * 5).concat(30), counts },
      predictions,
    },
    slices: [
      slice('origin', 'JFK', 1500, { mae: 9.4, rmse: 12 }),
      slice('origin', 'EWR', 1300, { mae: 10.6, rmse: 13.3 }, { adjustedP: { mae: 0.03 } }),
    ],
  });
  const gates = [
    gate({
      name: 'mae <= 12',
      metric: 'mae',
      min: undefined,
      max: 12,
      value: 9.812,
      interval: interval(9.812, 0.31),
      because: 'Its whole 95 % interval, 9.502 to 10.12, is at or below 12.',
    }),
    gate({
      name: 'mae versus merge-base',
      kind: 'versus',
      metric: 'mae',
      min: undefined,
      value: 9.812,
      interval: undefined,
      versus: {
        baseline: 'merge-base',
        value: 9.97,
        comparison: comparison({
          verdict: 'better',
          difference: 0.158,
          low: 0.02,
          high: 0.296,
          margin: 0.0997,
          p: 0.04,
          test: 'bootstrap',
        }),
      },
      because: 'Better than merge-base by 0.158 (90 % interval 0.02 to 0.296).',
    }),
  ].map(withoutUndefined);
  return inputOf(
    evaluation,
    reportOf(evaluation, gates, [
      {
        name: 'merge-base',
        metrics: { mae: 9.97, rmse: 12.6, r2: 0.9662 },
        because: 'The commit where the branch began.',
      },
    ]),
  );
}

export function ranking(): GateFilesInput {
  const evaluation = evaluationOf('search-order', {
    task: 'ranking',
    metrics: { 'ndcg@10': 0.5123, 'map@10': 0.4412, mrr: 0.6011 },
    intervals: {
      'ndcg@10': interval(0.5123, 0.02),
      'map@10': interval(0.4412, 0.021),
      mrr: interval(0.6011, 0.028),
    },
    directions: { 'ndcg@10': 'higher', 'map@10': 'higher', mrr: 'higher' },
    baseline: { strategy: 'random order', metrics: { 'ndcg@10': 0.21, 'map@10': 0.15, mrr: 0.27 } },
  });
  const gates = [
    gate({
      name: 'ndcg@10 >= 0.45',
      metric: 'ndcg@10',
      min: 0.45,
      value: 0.5123,
      interval: interval(0.5123, 0.02),
      because: 'Its whole 95 % interval, 0.4923 to 0.5323, is at or above 0.45.',
    }),
  ];
  return inputOf(evaluation, reportOf(evaluation, gates));
}

/** An evaluation script wrote figures alone; nothing else is known, and no gate is configured. */
export function customWithoutGates(): GateFilesInput {
  const evaluation = evaluationOf('speech', {
    task: 'custom',
    metrics: { 'word-error-rate': 0.0831, 'real-time-factor': null },
    directions: { 'word-error-rate': 'lower', 'real-time-factor': 'lower' },
    baseline: { strategy: 'none', metrics: {} },
  });
  const config = configOf('custom', {
    evaluation: {
      entry: 'src/evaluate.py',
      customMetrics: {
        'word-error-rate': {
          direction: 'lower',
          description: 'Words that are wrong, as a share of the words said',
        },
        'real-time-factor': { direction: 'lower' },
      },
    },
  });
  return {
    evaluation,
    report: reportOf(evaluation, []),
    config,
    manifest: manifestOf(evaluation),
    baselines: new Map(),
  };
}

/** By the name of the case. */
export const gatedModels: Readonly<Record<string, () => GateFilesInput>> = {
  'binary, failed': binaryFailed,
  'binary, passed': binaryPassed,
  'binary, inconclusive': binaryInconclusive,
  'several classes, undecided and blocked': multiclass,
  regression,
  ranking,
  'custom, without gates': customWithoutGates,
};

/** The input with every text that a user can choose replaced. */
export function withTexts(input: GateFilesInput, text: string): GateFilesInput {
  const { evaluation, report, config, manifest, run, performance, profile } = input;
  return {
    ...input,
    evaluation: {
      ...evaluation,
      model: text,
      test: { ...evaluation.test, dataset: text, split: text },
      ...(evaluation.classes === undefined ? {} : { classes: evaluation.classes.map(() => text) }),
      ...(evaluation.perClass === undefined
        ? {}
        : { perClass: evaluation.perClass.map((item) => ({ ...item, label: text })) }),
      ...(evaluation.thresholdChosen === undefined
        ? {}
        : { thresholdChosen: { dataset: text, split: text, sha256: text, rule: text } }),
      baseline: { ...evaluation.baseline, strategy: text },
      slices: evaluation.slices.map((item) => ({ ...item, column: text, value: text })),
      fairness: evaluation.fairness.map((item) => ({
        ...item,
        column: text,
        groups: item.groups.map((group) => ({ ...group, value: text })),
      })),
      warnings: [{ code: 'few-rows', message: text }],
    },
    report: {
      ...report,
      model: text,
      gates: report.gates.map((item) => ({
        ...item,
        name: text,
        because: text,
        ...(item.slice === undefined ? {} : { slice: { ...item.slice, column: text, value: text } }),
      })),
      baselines: report.baselines.map((item) => ({ ...item, name: text, because: text, commit: text })),
    },
    config: { ...config, description: text, training: { ...config.training, params: { [text]: text } } },
    manifest: {
      ...manifest,
      model: text,
      target: text,
      features: manifest.features.map((feature) => ({ ...feature, name: text })),
      datasets: Object.fromEntries(
        Object.entries(manifest.datasets).map(([, item]) => [text, { ...item, dataset: text, split: text }]),
      ),
    },
    ...(run === undefined ? {} : { run: { ...run, commit: text, params: { [text]: text } } }),
    ...(performance === undefined ? {} : { performance: { ...performance, measuredOn: text } }),
    ...(profile === undefined
      ? {}
      : {
          profile: {
            ...profile,
            columns: profile.columns.map((column) => ({
              ...column,
              name: text,
              ...(column.top === undefined ? {} : { top: [[text, 3]] as [string, number][] }),
            })),
          },
        }),
  };
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Value;
}
