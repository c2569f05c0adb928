import { Histogram, oneTwoFive } from './histogram';

describe('Histogram', () => {
  it.each([
    [-1, [1, 0, 0]],
    [1, [1, 0, 0]],
    [1.5, [0, 1, 0]],
    [10, [0, 1, 0]],
    [10.1, [0, 0, 1]],
    [Infinity, [0, 0, 1]],
    [NaN, [0, 0, 1]],
  ])('counts %d', (value, counts) => {
    const histogram = new Histogram([1, 10]);
    histogram.add(value);
    const sum = Number.isFinite(value) ? value : 0;
    expect(histogram.snapshot()).toEqual({ bounds: [1, 10], counts, sum });
  });

  it('gives snapshots that later values leave alone', () => {
    const histogram = new Histogram([1]);
    const before = histogram.snapshot();
    histogram.add(1);
    expect([before.counts, histogram.snapshot().counts]).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});

it('oneTwoFive gives 1, 2, 5 a decade', () => {
  expect(oneTwoFive(-1, 1)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
});
