import { judgeDifference } from './judge-difference';
import type { PairedDifference } from './paired-difference';

const difference = (low: number, high: number): PairedDifference => ({
  difference: (low + high) / 2,
  low,
  high,
  p: 0.5,
  pWorse: 0.25,
  standardError: (high - low) / 2 / 1.6448536269514722,
  test: 'jackknife',
  rows: 1_000,
});
const judge = (low: number, high: number, margin = 0.01) =>
  judgeDifference(difference(low, high), { margin, alpha: 0.05 });

describe('judgeDifference', () => {
  it('gives each verdict by where the interval lies', () => {
    expect(judge(0.001, 0.02).verdict).toBe('better');
    expect(judge(-0.009, 0.02).verdict).toBe('non-inferior');
    expect(judge(-0.02, 0.001).verdict).toBe('inconclusive');
    expect(judge(-0.03, -0.002).verdict).toBe('worse');
  });

  it('takes a loss within the margin as non-inferior though it is sure', () => {
    expect(judge(-0.009, -0.002).verdict).toBe('non-inferior');
  });

  it('does not call a slice worse whose p does not stand after Holm', () => {
    const options = { margin: 0, alpha: 0.05 };
    const judged = judgeDifference(difference(-0.03, -0.002), { ...options, adjustedPWorse: 0.051 });
    expect(judged).toMatchObject({ verdict: 'inconclusive', adjustedP: 0.051 });
    expect(judgeDifference(difference(-0.03, -0.002), { ...options, adjustedPWorse: 0.05 }).verdict).toBe(
      'worse',
    );
  });

  it('takes two models that differ in no row as non-inferior at any margin', () => {
    expect(judge(0, 0, 0).verdict).toBe('non-inferior');
    expect(judge(0, 0.01, 0).verdict).toBe('inconclusive');
  });

  it('says how many rows would do, of an undecided difference only', () => {
    // (1.6449 + 1.2816)^2 * 1000 * 0.02^2 / 0.01^2, the standard error being 0.02.
    const reach = 0.02 * 1.6448536269514722;
    expect(judge(-reach, reach).rowsNeeded).toBe(34_256);
    expect(judge(-0.009, 0.02).rowsNeeded).toBeUndefined();
  });

  it('promises no number of rows at a margin of 0, nor one that is there already', () => {
    expect(judge(-0.02, 0.001, 0)).not.toHaveProperty('rowsNeeded');
    // Short of the margin by a little and sure of it: more rows do not make the model better.
    expect(judge(-0.0101, 0.0001, 0.01)).toMatchObject({ verdict: 'inconclusive' });
    expect(judge(-0.0101, 0.0001, 0.01)).not.toHaveProperty('rowsNeeded');
  });
});
