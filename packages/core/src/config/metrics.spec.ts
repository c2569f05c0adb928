import { defaultMetrics, directionOf, metricNames, metricsOfTask, parseMetric, tasks } from './metrics';

describe('parseMetric', () => {
  it('knows every metric by its usual name', () => {
    for (const name of metricNames) expect(parseMetric(name)).toBeDefined();
    expect(new Set(metricNames).size).toBe(metricNames.length);
  });

  it.each([
    ['roc-auc', 'roc-auc', undefined],
    ['ndcg@5', 'ndcg', 5],
    ['recall', 'recall', undefined],
    ['recall@10', 'recall-at-k', 10],
    ['top-k-accuracy@2', 'top-k-accuracy', 2],
  ])('reads %s', (name, base, cutoff) => {
    expect(parseMetric(name)).toMatchObject({ base, ...(cutoff === undefined ? {} : { cutoff }) });
  });

  it.each([
    'ndcg',
    'ndcg@',
    'ndcg@0',
    'ndcg@-1',
    'ndcg@1.5',
    'ndcg@ten',
    'ndcg@5@5',
    'roc-auc@5',
    'recall-at-k',
    'recall-at-k@5',
    'hit-rate',
    'ROC-AUC',
    'toString',
    '',
  ])('knows no %p', (name) => {
    expect(parseMetric(name)).toBeUndefined();
  });
});

it('each task but custom has metrics, some of them by default', () => {
  for (const task of tasks) {
    const all = metricsOfTask(task);
    expect(all).toEqual(expect.arrayContaining(defaultMetrics(task)));
    expect(defaultMetrics(task).length > 0).toBe(task !== 'custom');
  }
});

it.each([
  ['rmse', 'lower'],
  ['ndcg@3', 'higher'],
  ['latency-p95', 'lower'],
  ['regret', 'lower'],
  ['toString', undefined],
  ['rsme', undefined],
])('directionOf %s is %s', (name, direction) => {
  expect(directionOf(name, { regret: { direction: 'lower' } })).toBe(direction);
});
