import { metricTitle } from './metric-title';

it.each([
  ['roc-auc', 'ROC AUC'],
  ['log-loss', 'Log loss'],
  ['ndcg@10', 'NDCG@10'],
  ['r2', 'R²'],
  ['macro-f1', 'Macro F1'],
  ['tpr-difference', 'TPR difference'],
  ['profit', 'Profit'],
])('%s is written %s', (name, title) => {
  expect(metricTitle(name)).toBe(title);
});
