import { baselinePredictions } from './baseline-predictions';
import { binaryMetrics } from './binary-metrics';
import { multiclassMetrics } from './multiclass-metrics';
import { regressionMetrics } from './regression-metrics';

describe('baselinePredictions', () => {
  it.each([
    [Uint8Array.of(0, 0, 0, 1), 0.75],
    [Uint8Array.of(1, 1, 0), 2 / 3],
  ])('of two classes ranks at chance and predicts the majority: %#', (labels, majority) => {
    const { strategy, scores, threshold } = baselinePredictions({ task: 'binary-classification', labels });
    expect(strategy).toBe('class-prior');
    const prior = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    expect(binaryMetrics({ scores, labels, threshold }, ['roc-auc', 'pr-auc', 'accuracy', 'brier'])).toEqual({
      'roc-auc': 0.5,
      'pr-auc': prior,
      accuracy: majority,
      brier: expect.closeTo(prior * (1 - prior), 12) as number,
    });
  });

  it('of several classes reaches the entropy of their shares', () => {
    const labels = Int32Array.of(2, 2, 0, 1);
    const { scores } = baselinePredictions({ task: 'multiclass-classification', labels, classCount: 4 });
    const entropy = -(0.5 * Math.log(0.5) + 2 * 0.25 * Math.log(0.25));
    expect(multiclassMetrics({ scores, labels, classCount: 4 }, ['log-loss', 'accuracy'])).toEqual({
      'log-loss': expect.closeTo(entropy, 12) as number,
      accuracy: 0.5,
    });
  });

  it('of a number is the mean, against which R2 is 0, or the median, which no constant beats in MAE', () => {
    const targets = Float64Array.of(1, 2, 30);
    const mean = baselinePredictions({ task: 'regression', targets });
    expect(mean.strategy).toBe('mean');
    expect(regressionMetrics({ predictions: mean.predictions, targets }, ['r2'])['r2']).toBeCloseTo(0, 12);
    const median = baselinePredictions({ task: 'regression', targets, strategy: 'median' });
    expect(median.predictions).toEqual(Float64Array.of(2, 2, 2));
    expect(targets).toEqual(Float64Array.of(1, 2, 30));
  });

  it('of no rows is empty', () => {
    const labels = new Uint8Array(0);
    expect(baselinePredictions({ task: 'binary-classification', labels }).scores).toHaveLength(0);
  });
});
