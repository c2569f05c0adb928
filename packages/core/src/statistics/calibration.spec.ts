import { calibrationOf } from './calibration';
import { measureSample } from './measure-sample';
import type { BinarySample, MulticlassSample } from './sample';

const binary: BinarySample = {
  task: 'binary-classification',
  scores: Float64Array.from({ length: 200 }, (_, row) => row / 200),
  labels: Uint8Array.from({ length: 200 }, (_, row) => ((row * 37) % 200 < row ? 1 : 0)),
  threshold: 0.5,
};
const multiclass: MulticlassSample = {
  task: 'multiclass-classification',
  scores: Float64Array.from({ length: 300 }, (_, index) => [0.2, 0.7, 0.1][index % 3] as number),
  labels: Uint16Array.from({ length: 100 }, (_, row) => (row % 4 === 0 ? 0 : 1)),
  classCount: 3,
};

describe('calibrationOf', () => {
  it('has ten bins of equal count with the interval of each share, and the error that is measured', () => {
    const calibration = calibrationOf(binary, 0.95);
    expect(calibration?.bins.map(({ rows }) => rows)).toEqual(new Array(10).fill(20));
    expect(calibration?.ece).toBe(measureSample(binary, ['ece'])['ece']);
    for (const { observed, low, high } of calibration?.bins ?? []) {
      expect(low).toBeLessThanOrEqual(observed);
      expect(high).toBeGreaterThanOrEqual(observed);
      expect(high - low).toBeGreaterThan(0.1);
      expect(high - low).toBeLessThan(0.5);
    }
  });

  it('of several classes is that of the predicted one', () => {
    expect(calibrationOf(multiclass, 0.95)).toMatchObject({
      bins: [
        {
          rows: 100,
          lowestScore: 0.7,
          highestScore: 0.7,
          meanScore: expect.closeTo(0.7, 12) as number,
          observed: 0.75,
        },
      ],
      ece: expect.closeTo(0.05, 12) as number,
    });
  });

  it('is less sure where rows of a group are not independent', () => {
    const [alone] = calibrationOf(multiclass, 0.95)?.bins ?? [];
    const groups = Uint32Array.from(multiclass.labels, (label, row) => label * 10 + (row % 5));
    const [grouped] = calibrationOf({ ...multiclass, groups }, 0.95)?.bins ?? [];
    expect(grouped?.observed).toBe(alone?.observed);
    expect((grouped?.high ?? 0) - (grouped?.low ?? 0)).toBeGreaterThan(
      (alone?.high ?? 0) - (alone?.low ?? 0),
    );
  });

  it('counts in each bin the rows that have a weight, and their intervals go by those alone', () => {
    const weights = Float64Array.from(binary.scores, (_, row) => (row < 100 ? 0 : 1));
    const calibration = calibrationOf({ ...binary, weights }, 0.95);
    expect(calibration?.bins.map(({ rows }) => rows)).toEqual(new Array(10).fill(10));
    expect(calibration?.bins[0]?.lowestScore).toBe(0.5);
  });

  it('is none of scores that are no probabilities, and none without rows', () => {
    expect(
      calibrationOf({ ...binary, scores: binary.scores.map((score) => score * 4) }, 0.95),
    ).toBeUndefined();
    const logits = multiclass.scores.map((score) => score / 2);
    expect(calibrationOf({ ...multiclass, scores: logits }, 0.95)).toBeUndefined();
    const empty = { ...binary, scores: new Float64Array(0), labels: new Uint8Array(0) };
    expect(calibrationOf(empty, 0.95)).toBeUndefined();
  });
});
