import fc from 'fast-check';
import { countAbove, histogramQuantile, isBeyondBounds, totalOf, type Histogram } from './histogram';

/**
 * Cases of promql/quantile.go's `bucketQuantile` (Prometheus), worked out by hand from its text: linear within a bucket, 0
 * as the lower end of the first, the last finite bound for what is beyond.
 */
describe('histogramQuantile', () => {
  const latency: Histogram = { bounds: [0.1, 0.2, 0.4], counts: [50, 40, 8, 2] };

  it.each([
    [0.25, 0.05],
    [0.5, 0.1],
    [0.7, 0.15],
    [0.9, 0.2],
    [0.98, 0.4],
    [0.99, 0.4],
  ])('share %d is below %d', (share, value) => {
    expect(histogramQuantile(latency, share)).toBeCloseTo(value, 12);
  });

  it('takes a first bound of 0 or less for itself', () => {
    expect(histogramQuantile({ bounds: [-1, 0, 1], counts: [10, 0, 10, 0] }, 0.25)).toBe(-1);
  });

  it.each([[{ bounds: [], counts: [5] }], [{ bounds: [1], counts: [0, 0] }]])(
    'of %j there is none',
    (histogram) => expect(histogramQuantile(histogram, 0.5)).toBeUndefined(),
  );

  it('tells when it is beyond the last bound', () => {
    expect(isBeyondBounds(latency, 0.98)).toBe(false);
    expect(isBeyondBounds(latency, 0.99)).toBe(true);
  });

  it('has so many above it as its share says', () => {
    const histograms = fc
      .array(fc.nat({ max: 50 }), { minLength: 4, maxLength: 4 })
      .map((counts) => ({ bounds: [0.5, 1, 4], counts }));
    fc.assert(
      fc.property(histograms, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (histogram, share) => {
        fc.pre(totalOf(histogram) > 0 && !isBeyondBounds(histogram, share));
        const value = histogramQuantile(histogram, share) as number;
        expect(countAbove(histogram, value)).toBeCloseTo((1 - share) * totalOf(histogram), 8);
      }),
    );
  });
});
