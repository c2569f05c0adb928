import {
  balancedAccuracyOf,
  confusionMatrix,
  f1Of,
  macroF1Of,
  matthewsCorrelationOf,
  precisionOf,
  recallOf,
} from './confusion-matrix';

describe('confusionMatrix', () => {
  it('counts rows by actual and columns by predicted class', () => {
    const matrix = confusionMatrix(Int32Array.of(0, 1, 1, 2), Uint8Array.of(0, 1, 2, 2), 3);
    expect(matrix).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it('refuses a prediction that is no class', () => {
    expect(() => confusionMatrix(Uint8Array.of(0), Uint8Array.of(2), 2)).toThrow(
      expect.objectContaining({ code: 'MLOPS_LABEL_RANGE' }),
    );
  });
});

describe('the figures of a matrix', () => {
  // Actual negative: 8 right, 2 wrong. Actual positive: 1 missed, 4 found.
  const matrix = [
    [8, 2],
    [1, 4],
  ];

  it('are those that one finds by hand', () => {
    expect(precisionOf(matrix)).toBeCloseTo(4 / 6, 12);
    expect(recallOf(matrix)).toBeCloseTo(4 / 5, 12);
    expect(f1Of(matrix)).toBeCloseTo(8 / 11, 12);
    expect(balancedAccuracyOf(matrix)).toBeCloseTo((0.8 + 0.8) / 2, 12);
    expect(macroF1Of(matrix)).toBeCloseTo((16 / 19 + 8 / 11) / 2, 12);
    expect(matthewsCorrelationOf(matrix)).toBeCloseTo((4 * 8 - 2 * 1) / Math.sqrt(6 * 5 * 10 * 9), 12);
  });

  it('hold their digits at counts whose product no double can', () => {
    const large = matrix.map((row) => row.map((count) => count * 1e9));
    expect(matthewsCorrelationOf(large)).toBeCloseTo(matthewsCorrelationOf(matrix) as number, 12);
  });

  it.each([
    [
      'all predicted alike',
      [
        [5, 0],
        [3, 0],
      ],
      0,
    ],
    [
      'one class only',
      [
        [5, 1],
        [0, 0],
      ],
      null,
    ],
  ])('correlation is %s: %#', (_, cells, expected) => {
    expect(matthewsCorrelationOf(cells)).toBe(expected);
  });

  it('leave a class that neither occurs nor is predicted out of the macro mean', () => {
    expect(
      macroF1Of([
        [2, 0, 0],
        [0, 3, 0],
        [0, 0, 0],
      ]),
    ).toBe(1);
  });
});
