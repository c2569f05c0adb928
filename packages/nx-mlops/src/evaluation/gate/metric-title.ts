/** Words of metric names that are written otherwise in running text. */
const written: Readonly<Record<string, string>> = {
  auc: 'AUC',
  ece: 'ECE',
  f1: 'F1',
  fpr: 'FPR',
  mae: 'MAE',
  map: 'MAP',
  mape: 'MAPE',
  mcc: 'MCC',
  mrr: 'MRR',
  ndcg: 'NDCG',
  pr: 'PR',
  r2: 'R²',
  rmse: 'RMSE',
  roc: 'ROC',
  tpr: 'TPR',
  wape: 'WAPE',
};

/** A metric's name for running text, as a sentence begins: `ROC AUC`, `Log loss`, `NDCG@10`. */
export function metricTitle(name: string): string {
  const [base = name, cutoff] = name.split('@');
  const title = base
    .split('-')
    .map((word) => written[word] ?? word)
    .join(' ');
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}${cutoff === undefined ? '' : `@${cutoff}`}`;
}
