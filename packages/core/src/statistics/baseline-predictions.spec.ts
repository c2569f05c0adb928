import { baselinePredictions } from './baseline-predictions';
import { measureSample } from './measure-sample';
import type { Sample } from './sample';

const nothing = new Float64Array(0);

describe('baselinePredictions', () => {
  it.each([
    [Uint8Array.of(0, 0, 0, 1), 0.75],
    [Uint8Array.of(1, 1, 0), 2 / 3],
  ])('of two classes ranks at chance and predicts the majority: %#', (labels, majority) => {
    const { strategy, sample } = baselinePredictions({
      task: 'binary-classification',
      labels,
      scores: new Float64Array(labels.length),
      threshold: 0.9,
    });
    expect(strategy).toBe('class-prior');
    const prior = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    expect(measureSample(sample, ['roc-auc', 'pr-auc', 'accuracy', 'brier', 'ece'])).toEqual({
      'roc-auc': 0.5,
      'pr-auc': prior,
      accuracy: majority,
      brier: expect.closeTo(prior * (1 - prior), 12) as number,
      ece: expect.closeTo(0, 12) as number,
    });
  });

  it('of several classes reaches the entropy of their shares', () => {
    const labels = Uint16Array.of(2, 2, 0, 1);
    const { sample } = baselinePredictions({
      task: 'multiclass-classification',
      labels,
      scores: new Float64Array(16),
      classCount: 4,
    });
    const entropy = -(0.5 * Math.log(0.5) + 2 * 0.25 * Math.log(0.25));
    expect(measureSample(sample, ['log-loss', 'accuracy'])).toEqual({
      'log-loss': expect.closeTo(entropy, 12) as number,
      accuracy: 0.5,
    });
  });

  it('of a number is the mean, against which R2 is 0', () => {
    const { strategy, sample } = baselinePredictions({
      task: 'regression',
      targets: Float64Array.of(1, 2, 30),
      scores: new Float64Array(3),
    });
    expect(strategy).toBe('mean');
    expect(sample.scores).toEqual(Float64Array.of(11, 11, 11));
    expect(measureSample(sample, ['r2'])['r2']).toBeCloseTo(0, 12);
  });

  it('goes by the weights of the rows', () => {
    const weights = Float64Array.of(3, 1);
    const binary = baselinePredictions({
      task: 'binary-classification',
      labels: Uint8Array.of(1, 0),
      scores: new Float64Array(2),
      threshold: 0.5,
      weights,
    });
    expect(binary.sample.scores).toEqual(Float64Array.of(0.75, 0.75));
    const targets = Float64Array.of(4, 8);
    const regression = baselinePredictions({ task: 'regression', targets, scores: targets, weights });
    expect(regression.sample.scores).toEqual(Float64Array.of(5, 5));
    expect(measureSample(regression.sample, ['r2'])['r2']).toBeCloseTo(0, 12);
  });

  it('of a ranking is what a random order reaches on average', () => {
    const { strategy, sample } = baselinePredictions({
      task: 'ranking',
      scores: Float64Array.of(9, 1, 1, 1),
      relevance: Float64Array.of(1, 0, 0, 0),
      queries: new Uint32Array(4),
    });
    expect(strategy).toBe('random-order');
    expect(measureSample(sample, ['mrr', 'hit-rate@1', 'recall@2'])).toEqual({
      mrr: expect.closeTo((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, 12) as number,
      'hit-rate@1': 0.25,
      'recall@2': 0.5,
    });
  });

  it.each<Sample>([
    { task: 'binary-classification', labels: new Uint8Array(0), scores: nothing, threshold: 0.5 },
    { task: 'multiclass-classification', labels: new Uint16Array(0), scores: nothing, classCount: 3 },
    { task: 'regression', targets: nothing, scores: nothing },
    { task: 'ranking', relevance: nothing, queries: new Uint32Array(0), scores: nothing },
  ])('of no rows is empty: $task', (sample) => {
    expect(baselinePredictions(sample).sample.scores).toHaveLength(0);
  });

  it.each<Sample>([
    { task: 'binary-classification', labels: Uint8Array.of(1), scores: Float64Array.of(1), threshold: 0.5 },
    {
      task: 'multiclass-classification',
      labels: Uint16Array.of(1),
      scores: new Float64Array(3),
      classCount: 3,
    },
    { task: 'regression', targets: Float64Array.of(1), scores: Float64Array.of(1) },
  ])('of rows without any weight has scores, and no metric: $task', (sample) => {
    const baseline = baselinePredictions({ ...sample, weights: Float64Array.of(0) }).sample;
    expect(baseline.scores.every(Number.isFinite)).toBe(true);
    const name = sample.task === 'regression' ? 'mae' : 'log-loss';
    expect(measureSample(baseline, [name])).toEqual({ [name]: null });
  });
});
