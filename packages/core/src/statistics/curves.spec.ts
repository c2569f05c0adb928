import fc from 'fast-check';
import { averagePrecision } from './average-precision';
import { calibrationBins, expectedCalibrationError } from './calibration-bins';
import { precisionRecallCurve } from './precision-recall-curve';
import { rocAuc } from './roc-auc';
import { rocCurve } from './roc-curve';
import { rankScores } from './ranked-scores';

const rows = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 50 }).map((value) => value / 50),
      fc.integer({ min: 0, max: 1 }),
    ),
    { minLength: 1, maxLength: 200 },
  )
  .map((list) => ({
    scores: Float64Array.from(list, ([score]) => score),
    labels: Uint8Array.from(list, ([, label]) => label),
  }));
const maxPoints = fc.integer({ min: 2, max: 70 });

function isRising(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] as number));
}

describe('rocCurve', () => {
  it('with all its points encloses the AUC', () => {
    fc.assert(
      fc.property(rows, ({ scores, labels }) => {
        const points = rocCurve({ scores, labels }, 1000);
        const area = points.slice(1).reduce((sum, point, index) => {
          const before = points[index] as (typeof points)[number];
          const width = point.falsePositiveRate - before.falsePositiveRate;
          return sum + (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
        }, 0);
        const auc = rocAuc(rankScores({ scores, labels }));
        if (auc === null) expect(points).toEqual([]);
        else expect(area).toBeCloseTo(auc, 12);
      }),
    );
  });

  it('runs from (0, 0) to (1, 1), never back, with no more points than asked for, all of the whole curve', () => {
    fc.assert(
      fc.property(rows, maxPoints, ({ scores, labels }, most) => {
        const whole = rocCurve({ scores, labels }, 1000);
        fc.pre(whole.length > 0);
        const points = rocCurve({ scores, labels }, most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(points[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0, threshold: null });
        expect(points.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
        expect(isRising(points.map((point) => point.falsePositiveRate))).toBe(true);
        expect(isRising(points.map((point) => point.truePositiveRate))).toBe(true);
        for (const point of points) expect(whole).toContainEqual(point);
      }),
    );
  });
});

describe('precisionRecallCurve', () => {
  it('with all its points has the average precision as its sum', () => {
    fc.assert(
      fc.property(rows, ({ scores, labels }) => {
        const points = precisionRecallCurve({ scores, labels }, 1000);
        const sum = points
          .slice(1)
          .reduce(
            (total, point, index) => total + (point.recall - (points[index]?.recall ?? 0)) * point.precision,
            0,
          );
        const expected = averagePrecision(rankScores({ scores, labels }));
        if (expected === null) expect(points).toEqual([]);
        else expect(sum).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('runs from recall 0 to recall 1 with no more points than asked for', () => {
    fc.assert(
      fc.property(rows, maxPoints, ({ scores, labels }, most) => {
        const points = precisionRecallCurve({ scores, labels }, most);
        fc.pre(points.length > 0);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(points[0]).toEqual({ recall: 0, precision: 1, threshold: null });
        expect(points.at(-1)?.recall).toBe(1);
        expect(isRising(points.map(({ recall }) => recall))).toBe(true);
      }),
    );
  });
});

describe('calibrationBins', () => {
  it('holds every row once, in bins that rise and share no score', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), ({ scores, labels }, count) => {
        const bins = calibrationBins({ scores, labels }, count);
        expect(bins.length).toBeLessThanOrEqual(count);
        expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(scores.length);
        const positives = bins.reduce((sum, bin) => sum + bin.positiveShare * bin.rows, 0);
        expect(positives).toBeCloseTo(
          labels.reduce((sum, label) => sum + label, 0),
          9,
        );
        bins.forEach((bin, index) => {
          expect(bin.meanScore).toBeGreaterThanOrEqual(bin.lowestScore - 1e-12);
          expect(bin.meanScore).toBeLessThanOrEqual(bin.highestScore + 1e-12);
          const before = bins[index - 1];
          if (before !== undefined) expect(bin.lowestScore).toBeGreaterThan(before.highestScore);
        });
      }),
    );
  });

  it('divides distinct scores equally', () => {
    const scores = Float64Array.from({ length: 100 }, (_, row) => ((row * 37) % 100) / 100);
    const labels = Uint8Array.from(scores, (score) => (score >= 0.5 ? 1 : 0));
    const bins = calibrationBins({ scores, labels }, 4);
    expect(bins.map(({ rows }) => rows)).toEqual([25, 25, 25, 25]);
    expect(bins.map(({ positiveShare }) => positiveShare)).toEqual([0, 0, 1, 1]);
    // (|0 − 0.12| + |0 − 0.37| + |1 − 0.62| + |1 − 0.87|) / 4
    expect(expectedCalibrationError(bins)).toBeCloseTo(0.25, 12);
  });

  it('has no error without rows', () => {
    expect(
      expectedCalibrationError(
        calibrationBins({ scores: new Float64Array(0), labels: new Uint8Array(0) }, 10),
      ),
    ).toBeNull();
  });
});

it.each([0, 1, 2.5])('a curve of %p points is refused', (count) => {
  const sample = { scores: Float64Array.of(0.1, 0.2), labels: Uint8Array.of(0, 1) };
  expect(() => rocCurve(sample, count)).toThrow(RangeError);
  expect(() => precisionRecallCurve(sample, count)).toThrow(RangeError);
});
