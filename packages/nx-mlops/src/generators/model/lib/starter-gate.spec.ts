import { defaultMetrics } from '@nx-mlops/core';
import type { TemplateTask } from './propose-columns';
import { sampleGate, starterGate } from './starter-gate';

const gateOf = (task: TemplateTask, classes?: number) =>
  starterGate({ task: { value: task, because: '' }, classes });

describe('the first gate of a model', () => {
  it.each<[TemplateTask, number | undefined, number]>([
    ['binary-classification', 2, 0.5],
    ['multiclass-classification', 3, 1 / 3],
    ['multiclass-classification', undefined, 0.5],
    ['regression', undefined, 0],
  ])('asks %s of %s classes for a little more than a guess reaches', (task, classes, guess) => {
    const { min } = gateOf(task, classes);
    expect(min).toBeGreaterThan(guess);
    expect(min).toBeLessThan(guess + 0.1);
  });

  it.each(['binary-classification', 'multiclass-classification', 'regression'] as const)(
    'judges what the evaluation of %s measures',
    (task) => {
      const { metric, metrics } = gateOf(task, 4);
      expect(metrics ?? defaultMetrics(task)).toContain(metric);
    },
  );

  it('of the sample is strict', () => {
    expect(sampleGate.metrics).toContain(sampleGate.metric);
    expect(sampleGate.min).toBeGreaterThan(0.8);
  });
});
