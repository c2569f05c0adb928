import { modelConfigSchema } from './model-config';
import { parseConfig } from './parse-config';

const model = {
  task: 'binary-classification',
  datasets: { train: 'flights:train', validation: 'flights:validation', test: 'flights:test' },
  features: ['distance', 'hour'],
  target: 'late',
  training: { entry: 'src/train.ts' },
};

function parse(evaluation: object, changes: object = {}) {
  return parseConfig(JSON.stringify({ ...model, ...changes, evaluation }), modelConfigSchema, 'm.json');
}

const ranking = { task: 'ranking', query: 'session' };
const withoutValidation = { datasets: { train: 'flights:train', test: 'flights:test' } };

describe('an evaluation', () => {
  it('has defaults for all that is left out', () => {
    expect(parse({}).evaluation).toEqual({
      threshold: 0.5,
      confidence: 0.95,
      slices: [],
      autoSlices: true,
      fairness: [],
      params: {},
      customMetrics: {},
      gates: [],
    });
  });

  it.each<[string, object, object?]>([
    ['a threshold that maximises', { threshold: { maximise: 'youden' } }],
    ['a threshold by precision', { threshold: { minPrecision: 0.9 } }],
    ['a threshold by costs', { threshold: { falsePositiveCost: 1, falseNegativeCost: 20 } }],
    ['weights and groups', { weight: 'seats', groupBy: 'plane', confidence: 0.9 }],
    [
      'slices by column and expression, and gates on them',
      {
        slices: ['origin', { name: 'far', sql: 'distance > 1000' }],
        gates: [
          { metric: 'roc-auc', min: 0.6, slice: 'origin', minRows: 100, alpha: 0.01 },
          { metric: 'roc-auc', min: 0.6, slice: 'origin=JFK' },
          { metric: 'roc-auc', maxGap: 0.05, slice: 'far' },
        ],
      },
    ],
    [
      'a champion',
      {
        gates: [
          { metric: 'roc-auc', versus: 'production', margin: 0.01, test: 'delong' },
          { metric: 'log-loss', versus: 'merge-base', margin: '1%', require: 'better', alpha: 0.1 },
          { metric: 'latency-p95', max: 20, severity: 'warn', inconclusive: 'info' },
        ],
      },
    ],
    [
      'fairness',
      {
        fairness: ['carrier'],
        gates: [{ metric: 'selection-rate-ratio', fairness: 'carrier', min: 0.8, minRows: 30 }],
      },
    ],
    [
      'metrics of a script',
      {
        entry: 'src/evaluate.py',
        params: { k: 3 },
        timeoutMinutes: 5,
        customMetrics: { regret: { direction: 'lower', description: 'in euros' } },
        gates: [{ metric: 'regret', max: 3 }],
      },
    ],
    ['a ranking', { metrics: ['ndcg@5', 'mrr'], gates: [{ metric: 'ndcg@5', min: 0.3 }] }, ranking],
  ])('takes %s', (_, evaluation, changes = {}) => {
    expect(parse(evaluation, changes).evaluation).toMatchObject(evaluation);
  });

  it.each<[string, object, string, object?]>([
    [
      'a ranking without its query',
      {},
      'query: a ranking needs the column whose rows are ranked against each other.',
      { task: 'ranking' },
    ],
    [
      'a query of no ranking',
      {},
      'query: "query" is for a ranking, not regression.',
      { task: 'regression', query: 'a' },
    ],
    [
      'a misspelt metric with a cutoff',
      { metrics: ['ndgc@5'] },
      'evaluation.metrics[0]: "ndgc@5" is no metric of ranking. Did you mean "ndcg@5"?',
      ranking,
    ],
    [
      'a metric whose cutoff is missing',
      { metrics: ['mrr', 'recall'] },
      'evaluation.metrics[1]: "recall" is no metric of ranking. Did you mean "recall@10"?',
      ranking,
    ],
    [
      'a gate on another cutoff than is measured',
      { metrics: ['ndcg@5'], gates: [{ metric: 'ndcg@10', min: 0 }] },
      'evaluation.gates[0].metric: "ndcg@10" is not measured; list it in evaluation.metrics (measured now: ndcg@5).',
      ranking,
    ],
    ['a metric twice', { metrics: ['f1', 'f1'] }, 'evaluation.metrics[1]: "f1" is listed twice.'],
    [
      'a slice twice',
      { slices: ['origin', { name: 'origin', sql: 'a > 1' }] },
      'evaluation.slices[1]: "origin" is listed twice.',
    ],
    ['a column of groups twice', { fairness: ['a', 'a'] }, 'evaluation.fairness[1]: "a" is listed twice.'],
    [
      'a threshold that is chosen on nothing',
      { threshold: { maximise: 'f1' } },
      'evaluation.threshold: a threshold is chosen on the validation split: give datasets.validation.',
      withoutValidation,
    ],
    [
      'a threshold of a regression',
      { threshold: { maximise: 'f1' } },
      'evaluation.threshold: a threshold is chosen for binary-classification, not regression.',
      { task: 'regression' },
    ],
    [
      'a misspelt criterion',
      { threshold: { maximise: 'youdn' } },
      'evaluation.threshold.maximise: "youdn" is not valid. Did you mean "youden"?',
    ],
    [
      'fairness of a regression',
      { fairness: ['sex'] },
      'evaluation.fairness: fairness is measured of binary-classification, not regression.',
      { task: 'regression' },
    ],
    ['two scripts', { entry: 'a.ts', command: ['a'] }, 'evaluation: give either "entry" or "command".'],
    [
      'custom metrics that nobody writes',
      { customMetrics: { regret: { direction: 'lower' } } },
      'evaluation.customMetrics: these are written by a script: give "entry" or "command".',
    ],
    [
      'a custom metric with the name of ours',
      { entry: 'a.ts', customMetrics: { throughput: { direction: 'higher' } } },
      'evaluation.customMetrics.throughput: "throughput" is a metric of ours: choose another name.',
    ],
    [
      'a misspelt custom metric',
      {
        entry: 'a.ts',
        customMetrics: { regret: { direction: 'lower' } },
        gates: [{ metric: 'regert', max: 1 }],
      },
      'evaluation.gates[0].metric: "regert" is no metric of binary-classification. Did you mean "regret"?',
    ],
    [
      'performance by slice',
      { slices: ['a'], gates: [{ metric: 'throughput', min: 1, slice: 'a' }] },
      'evaluation.gates[0].slice: "throughput" is measured once, not by slice.',
    ],
    [
      'a difference between groups that is none',
      { fairness: ['sex'], gates: [{ metric: 'tpr-diference', fairness: 'sex', max: 0.1 }] },
      'evaluation.gates[0].metric: "tpr-diference" is no difference between groups. Did you mean "tpr-difference"?',
    ],
    [
      'a gate on groups that nobody compares',
      { gates: [{ metric: 'tpr-difference', fairness: 'sex', max: 0.1 }] },
      'evaluation.gates[0].fairness: "sex" is not among evaluation.fairness.',
    ],
    [
      'two models by their largest error',
      { metrics: ['max-error'], gates: [{ metric: 'max-error', versus: 'production' }] },
      'evaluation.gates[0].versus: one row decides the largest error, so two models cannot be compared by it; compare "median-absolute-error" or "mae", or give "max".',
      { task: 'regression' },
    ],
    [
      'a rule for the threshold beside a script',
      { entry: 'a.ts', threshold: { maximise: 'f1' } },
      'evaluation.threshold: a rule chooses by our own predictions: beside a script give a number.',
    ],
    [
      'two gates in one',
      { gates: [{ metric: 'f1', min: 0, versus: 'production' }] },
      'evaluation.gates[0].versus: "versus" and a limit are two gates: write one of each.',
    ],
    [
      'a gap and a limit',
      { slices: ['a'], gates: [{ metric: 'f1', min: 0, maxGap: 0.1, slice: 'a' }] },
      'evaluation.gates[0]: "maxGap" and a limit are two gates: write one of each.',
    ],
    [
      'a gap of no slice',
      { gates: [{ metric: 'f1', maxGap: 0.1 }] },
      'evaluation.gates[0].maxGap: "maxGap" needs "slice".',
    ],
    [
      'a gap between groups',
      { fairness: ['a'], gates: [{ metric: 'tpr-difference', fairness: 'a', maxGap: 0.1 }] },
      'evaluation.gates[0].maxGap: "maxGap" needs "slice".',
    ],
    [
      'too few rows of no slice',
      { gates: [{ metric: 'f1', min: 0, minRows: 9 }] },
      'evaluation.gates[0].minRows: "minRows" needs "slice" or "fairness".',
    ],
    [
      'false alarms of a plain limit',
      { gates: [{ metric: 'f1', min: 0, alpha: 0.1 }] },
      'evaluation.gates[0].alpha: "alpha" needs "versus", "slice" or "fairness".',
    ],
    [
      'limits that cross',
      { gates: [{ metric: 'f1', min: 1, max: 0 }] },
      'evaluation.gates[0].min: "min" is above "max".',
    ],
    [
      'a margin of nothing',
      { gates: [{ metric: 'f1', min: 0, margin: 1 }] },
      'evaluation.gates[0].margin: "margin" needs "versus".',
    ],
    [
      'a margin in words',
      { gates: [{ metric: 'f1', versus: 'production', margin: '1 %' }] },
      'evaluation.gates[0].margin: a share such as "1%".',
    ],
    [
      'a test of another metric',
      { gates: [{ metric: 'f1', versus: 'production', test: 'delong' }] },
      'evaluation.gates[0].test: "delong" is a test of roc-auc.',
    ],
    [
      'a misspelt severity',
      { gates: [{ metric: 'f1', min: 0, inconclusive: 'blok' }] },
      'evaluation.gates[0].inconclusive: "blok" is not valid. Did you mean "block"?',
    ],
    ['a confidence in per cent', { confidence: 95 }, 'evaluation.confidence: '],
    [
      'a misspelt rule of a threshold',
      { threshold: { maximize: 'f1' } },
      'evaluation.threshold.maximise: is missing. Valid: f1, youden, mcc, accuracy, balanced-accuracy. evaluation.threshold.maximize: unknown key. Did you mean "maximise"?',
    ],
    [
      'a misspelt key of a slice',
      { slices: [{ name: 'far', slq: 'a > 1' }] },
      'evaluation.slices[0].sql: is missing (string). evaluation.slices[0].slq: unknown key. Did you mean "sql"?',
    ],
  ])('names %s', (_, evaluation, message, changes = {}) => {
    expect(() => parse(evaluation, changes)).toThrow(
      expect.objectContaining({
        code: 'MLOPS_CONFIG_INVALID',
        message: expect.stringContaining(`m.json: ${message}`) as string,
      }),
    );
  });
});
