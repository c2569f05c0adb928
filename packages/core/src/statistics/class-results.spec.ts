import { classResults } from './class-results';

describe('classResults', () => {
  const sample = {
    task: 'multiclass-classification',
    // Predicted: 0, 0, 1, 1.
    scores: Float64Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0),
    labels: Uint16Array.of(0, 1, 1, 1),
    classCount: 3,
  } as const;

  it('are those that one finds by hand, null where they are divided by nothing', () => {
    expect(classResults(sample, ['a', 'b', 'c'])).toEqual([
      { label: 'a', rows: 1, precision: 0.5, recall: 1, f1: 2 / 3 },
      { label: 'b', rows: 3, precision: 1, recall: 2 / 3, f1: 4 / 5 },
      { label: 'c', rows: 0, precision: null, recall: null, f1: null },
    ]);
  });

  it('go by weights, but count rows', () => {
    const [, second] = classResults({ ...sample, weights: Float64Array.of(1, 6, 1, 1) }, [1, 2, 3]);
    expect(second).toEqual({ label: 2, rows: 3, precision: 1, recall: 0.25, f1: 0.4 });
  });

  it('of a binary classifier are of both classes', () => {
    expect(
      classResults(
        {
          task: 'binary-classification',
          scores: Float64Array.of(0.9, 0.9, 0.1),
          labels: Uint8Array.of(1, 0, 0),
          threshold: 0.5,
        },
        [false, true],
      ),
    ).toEqual([
      { label: false, rows: 2, precision: 1, recall: 0.5, f1: 2 / 3 },
      { label: true, rows: 1, precision: 0.5, recall: 1, f1: 2 / 3 },
    ]);
  });

  it('need a label for each class', () => {
    expect(() => classResults(sample, ['a'])).toThrow(
      expect.objectContaining({ code: 'MLOPS_LENGTH_MISMATCH' }),
    );
  });
});
