import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { normalQuantile } from '../distributions/normal';
import { proportionDifferenceBounds, proportionDifferenceRoot } from '../intervals/proportion-difference';
import { plannedSample } from '../planned-sample';
import { mixtureLikelihoodRatio, mixtureReach } from './mixture-test';
import { timeUniformQuantile } from './time-uniform-quantile';

const number = z.number();

/** Values of statsmodels, and of roots and integrals by SciPy, made by tools/golden/make-sequential-golden.py. */
const golden = z
  .object({
    proportionDifference: z
      .array(
        z.object({
          counts: z.tuple([number, number, number, number]),
          tested: number,
          root: number,
          bounds: z.tuple([number, number]),
        }),
      )
      .min(9),
    mixture: z
      .array(
        z.object({
          difference: number,
          variance: number,
          effect: number,
          alpha: number,
          ratio: number,
          reach: number,
        }),
      )
      .min(4),
    oneSidedBoundary: z
      .array(z.object({ information: number, rho: number, alpha: number, quantile: number }))
      .min(4),
    plannedSample: z
      .array(
        z.object({
          standardDeviation: number,
          minimumEffect: number,
          alpha: number,
          power: number,
          subjects: number,
        }),
      )
      .min(5),
  })
  .parse(JSON.parse(readFileSync(join(__dirname, '../golden/sequential.json'), 'utf8')));

const pairOf = ([x1, n1, x2, n2]: readonly [number, number, number, number]) =>
  [
    { successes: x1, trials: n1 },
    { successes: x2, trials: n2 },
  ] as const;

describe('the difference of two shares', () => {
  it.each(golden.proportionDifference)('$counts against $tested: root of the deviance', (each) => {
    const root = proportionDifferenceRoot(...pairOf(each.counts), each.tested);
    expect(root).toBeCloseTo(each.root, 6);
  });

  it.each(golden.proportionDifference)('$counts: 90 % interval', ({ counts, bounds }) => {
    const { low, high } = proportionDifferenceBounds(...pairOf(counts), normalQuantile(0.95));
    expect(low).toBeCloseTo(bounds[0], 7);
    expect(high).toBeCloseTo(bounds[1], 7);
  });

  it.each([
    [[0, 10, 0, 10], 0, 0],
    [[10, 10, 10, 10], 0, 0],
    // The likeliest common share is a half: 2·20·ln 2.
    [[10, 10, 0, 10], 0, Math.sqrt(40 * Math.LN2)],
  ] as const)('%j against %d, where shares lie on their borders', (counts, tested, root) => {
    expect(proportionDifferenceRoot(...pairOf(counts), tested)).toBeCloseTo(root, 12);
  });
});

describe('the mixture sequential test', () => {
  it.each(golden.mixture)('$difference with variance $variance, as integrated', (each) => {
    const { difference, variance, effect, alpha } = each;
    expect(mixtureLikelihoodRatio(difference, variance, effect) / each.ratio).toBeCloseTo(1, 8);
    expect(mixtureReach(variance, effect, alpha) / each.reach).toBeCloseTo(1, 8);
  });
});

describe('timeUniformQuantile', () => {
  it.each(golden.oneSidedBoundary)('at $information with ρ $rho is the boundary, a little wide', (each) => {
    const log = 2 * Math.log(1 / (2 * each.alpha));
    const planned = each.rho * (log + Math.log1p(log));
    const quantile = timeUniformQuantile(each.information, planned, each.alpha);
    expect(quantile).toBeGreaterThanOrEqual(each.quantile);
    expect(quantile).toBeLessThan(1.02 * each.quantile);
  });

  it('is lowest about where it is planned to be', () => {
    const at = (information: number) => timeUniformQuantile(information, 300, 0.05);
    for (const elsewhere of [10, 100, 900, 1e5]) expect(at(elsewhere)).toBeGreaterThan(at(300));
  });
});

describe('plannedSample', () => {
  it.each(golden.plannedSample)('$standardDeviation, $minimumEffect: as statsmodels', (each) => {
    // statsmodels adds the chance to see the effect with the wrong sign, some millionths.
    expect(Math.abs(plannedSample(each) - Math.ceil(each.subjects))).toBeLessThanOrEqual(1);
  });
});
