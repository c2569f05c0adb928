import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { binomialCdf, exactSignTest } from '../distributions/binomial';
import { chiSquareTail } from '../distributions/chi-square';
import { incompleteBeta } from '../distributions/incomplete-beta';
import { incompleteGamma } from '../distributions/incomplete-gamma';
import { logGamma } from '../distributions/log-gamma';
import { normalCdf, normalQuantile } from '../distributions/normal';
import { studentTCdf, studentTQuantile } from '../distributions/student-t';
import { deLongStandardError } from '../intervals/delong';
import { sampleMetrics } from '../intervals/sample-metrics';
import { ownValue, type WeightedMetric } from '../intervals/weighted-metric';
import { wilsonInterval } from '../intervals/wilson-interval';
import type { BinarySample } from '../sample';
import { mcnemarP } from './mcnemar';
import { benjaminiHochberg, holm } from './multiple-tests';
import { pairedDifference } from './paired-difference';

const numbers = z.array(z.number());
const family = z.array(z.object({ ps: numbers, expected: numbers })).min(4);

/** Values of SciPy, statsmodels and MLstatkit, made by tools/golden/make-comparison-golden.py. */
const golden = z
  .object({
    delong: z
      .array(
        z.object({
          labels: numbers,
          challenger: numbers,
          champion: numbers,
          expected: z.record(z.string(), z.number()),
        }),
      )
      .min(4),
    mcnemar: z.array(z.object({ gained: z.int(), lost: z.int(), expected: z.number() })).min(9),
    holm: family,
    benjaminiHochberg: family,
    wilson: z
      .array(
        z.object({
          successes: z.int(),
          trials: z.int(),
          confidence: z.number(),
          expected: z.tuple([z.number(), z.number()]),
        }),
      )
      .min(9),
    distributions: z.array(z.object({ name: z.string(), arguments: numbers, expected: z.number() })).min(100),
  })
  .parse(JSON.parse(readFileSync(join(__dirname, '../golden/comparison.json'), 'utf8')));

const distributions: Record<string, (...values: number[]) => number> = {
  normalCdf,
  normalQuantile,
  logGamma,
  incompleteGammaLower: (a = NaN, x = NaN) => incompleteGamma(a, x).lower,
  incompleteGammaUpper: (a = NaN, x = NaN) => incompleteGamma(a, x).upper,
  incompleteBeta,
  chiSquareTail,
  binomialCdf,
  exactSignTest,
  studentTCdf,
  studentTQuantile,
};

/** How many of the digits agree: the distance by the larger of the value and `floor`. */
function distance(actual: number, expected: number, floor = 0): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.max(Math.abs(expected), floor);
}

describe('distributions equal SciPy', () => {
  it.each(Object.keys(distributions))('%s', (name) => {
    const cases = golden.distributions.filter((each) => each.name === name);
    expect(cases.length).toBeGreaterThan(4);
    const differing = cases.flatMap(({ arguments: values, expected }) => {
      const actual = (distributions[name] as (...values: number[]) => number)(...values);
      // Relative to the value, so that tails are judged too; what is below 1e-290 has lost digits to underflow. A
      // logarithm may be 0, and is judged by 1 then.
      return distance(actual, expected, name === 'logGamma' ? 1 : 1e-290) < 1e-10
        ? []
        : [`${values.join()}: ${actual}, not ${expected}`];
    });
    expect(differing).toEqual([]);
  });
});

describe('tests and intervals equal statsmodels and MLstatkit', () => {
  it("DeLong's standard errors and p", () => {
    for (const { labels, challenger, champion, expected } of golden.delong) {
      const sampleOf = (scores: number[]): BinarySample => ({
        task: 'binary-classification',
        scores: Float64Array.from(scores),
        labels: Uint8Array.from(labels),
        threshold: 0,
      });
      const errorOf = (sample: BinarySample) => {
        const { entries, metric } = sampleMetrics(sample);
        const area = metric('roc-auc') as WeightedMetric;
        return { area: ownValue(area, entries), error: deLongStandardError(area, sample.labels) };
      };
      const [ours, theirs] = [sampleOf(challenger), sampleOf(champion)];
      const compared = pairedDifference(ours, theirs, 'roc-auc', { alpha: 0.05 });
      expect(compared?.test).toBe('delong');
      expect({
        challenger: errorOf(ours).area,
        champion: errorOf(theirs).area,
        challengerError: errorOf(ours).error,
        championError: errorOf(theirs).error,
        differenceError: compared?.standardError,
        p: compared?.p,
      }).toEqual(
        Object.fromEntries(
          Object.entries(expected).map(([name, value]) => [name, expect.closeTo(value, 11)]),
        ),
      );
    }
  });

  it("McNemar's p, exact and by chi-square", () => {
    for (const { gained, lost, expected } of golden.mcnemar) {
      expect(distance(mcnemarP({ gained, lost, rows: gained + lost }), expected)).toBeLessThan(1e-11);
    }
  });

  it('p values adjusted by Holm and by Benjamini and Hochberg', () => {
    const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12) as number);
    for (const { ps, expected } of golden.holm) expect(holm(ps)).toEqual(close(expected));
    for (const { ps, expected } of golden.benjaminiHochberg)
      expect(benjaminiHochberg(ps)).toEqual(close(expected));
  });

  it("Wilson's interval", () => {
    for (const { expected, confidence, ...proportion } of golden.wilson) {
      const { low, high } = wilsonInterval(proportion, confidence);
      expect(low).toBeCloseTo(expected[0], 12);
      expect(high).toBeCloseTo(expected[1], 12);
    }
  });
});
