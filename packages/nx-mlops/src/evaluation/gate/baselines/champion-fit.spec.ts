import type { ModelManifest } from '@nx-mlops/core';
import { championFit } from './champion-fit';
import { championSample } from './champion-sample';

type Facts = Pick<ModelManifest, 'task' | 'target' | 'classes'>;
const binary: Facts = { task: 'binary-classification', target: 'late', classes: ['no', 'yes'] };
const several: Facts = { task: 'multiclass-classification', target: 'kind', classes: ['a', 'b', 'c'] };

describe('a champion fits', () => {
  it.each([
    ['of the same question', binary, binary, {}],
    ['of a regression', { task: 'regression', target: 'y' }, { task: 'regression', target: 'y' }, {}],
    [
      'of classes in another order',
      several,
      { ...several, classes: ['c', 'a', 'b'] },
      { columns: [1, 2, 0] },
    ],
  ] as const)('%s', (_what, model, champion, fit) => {
    expect(championFit(model, champion as Facts, 3)).toEqual(fit);
  });

  it.each([
    ['another task', several, /task binary-classification, this model of multiclass/],
    ['another target', { ...binary, target: 'delay' }, /predicts "late", this model "delay"/],
    [
      'other classes',
      { ...binary, classes: ['no', 'maybe'] },
      /other classes \("no", "yes"\) than this model/,
    ],
    ['more classes', { ...binary, classes: ['no', 'yes', 'maybe'] }, /other classes/],
    [
      'the other class as positive',
      { ...binary, classes: ['yes', 'no'] },
      /counts "yes" as positive, this model "no"/,
    ],
    [
      'labels of another type',
      { ...binary, classes: [false, true] },
      /other classes \("no", "yes"\).*\(false, true\)/,
    ],
  ] as const)('not %s', (_what, model, reason) => {
    expect(championFit(model as Facts, binary, 3)).toEqual({
      unfit: expect.stringMatching(reason) as string,
    });
  });
});

describe('the sample of a champion', () => {
  it('has its scores in the order of the model’s classes, beside the same truth', () => {
    const sample = {
      task: 'multiclass-classification',
      scores: Float32Array.of(0.5, 0.25, 0.25, 0.1, 0.2, 0.7),
      labels: Uint16Array.of(0, 2),
      classCount: 3,
      weights: Float64Array.of(1, 2),
    } as const;
    const champion = championSample(sample, Float64Array.of(1, 2, 3, 4, 5, 6), 0.5, [1, 2, 0]);
    expect(champion).toEqual({ ...sample, scores: Float64Array.of(2, 3, 1, 5, 6, 4) });
  });

  it('has its own threshold, and there is none of other rows', () => {
    const sample = {
      task: 'binary-classification',
      scores: Float32Array.of(0.5, 0.25),
      labels: Uint8Array.of(0, 1),
      threshold: 0.5,
    } as const;
    const scores = Float32Array.of(0.1, 0.2);
    expect(championSample(sample, scores, 0.15)).toEqual({ ...sample, scores, threshold: 0.15 });
    expect(championSample(sample, Float32Array.of(1), 0.15)).toBeUndefined();
  });
});
