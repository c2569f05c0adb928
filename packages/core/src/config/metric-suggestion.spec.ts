import { metricSuggestion } from './metric-suggestion';

it.each([
  ['auc', 'binary-classification', 'roc-auc'],
  ['F1', 'binary-classification', 'f1'],
  ['ndgc@5', 'ranking', 'ndcg@5'],
  ['ndcg', 'ranking', 'ndcg@10'],
  ['ndcg@0', 'ranking', 'ndcg@10'],
  ['NDCG@7', 'ranking', 'ndcg@7'],
  ['recall', 'ranking', 'recall@10'],
  ['mrr@10', 'ranking', 'mrr'],
  ['hitrate@3', 'ranking', 'hit-rate@3'],
  ['accuracy@5', 'multiclass-classification', 'top-k-accuracy@5'],
  ['top-3-accuracy', 'multiclass-classification', 'top-k-accuracy@3'],
  ['regert', 'regression', 'regret'],
  ['latency_p95', 'regression', 'latency-p95'],
] as const)('%s of %s means %s', (name, task, meant) => {
  expect(metricSuggestion(name, task, ['regret', 'latency-p95'])).toBe(` Did you mean "${meant}"?`);
});

it('lists what there is when nothing is near', () => {
  expect(metricSuggestion('quality', 'ranking')).toBe(
    ' Valid: ndcg@10, map@10, mrr, recall@10, hit-rate@10.',
  );
  expect(metricSuggestion('quality', 'custom')).toBe('');
});
