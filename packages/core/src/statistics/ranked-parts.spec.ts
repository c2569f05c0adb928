import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../config/metrics';
import type { Intervals } from '../manifest/evaluation';
import { calibrationOf } from './calibration';
import { classResults } from './class-results';
import { metricIntervals } from './intervals/metric-intervals';
import { measureSample } from './measure-sample';
import { rankParts, rankScores, rankSorted, type RankedScores } from './ranked-scores';
import { rocCurve } from './roc-curve';
import { takeRows, type BinarySample } from './sample';
import { sortRows } from './sorted-rows';

const names: MetricName[] = metricsOfTask('binary-classification');

/** Rows with many ties, in 32 or 64 bits, in few parts; the last code is that of rows in none. */
const divided = (least: number) =>
  fc
    .record({
      rows: fc.array(
        fc.record({
          score: fc.integer({ min: least, max: 12 }).map((value) => value / 12),
          label: fc.integer({ min: 0, max: 1 }),
          code: fc.integer({ min: 0, max: 3 }),
        }),
        { maxLength: 60 },
      ),
      double: fc.boolean(),
      threshold: fc.double({ min: 0, max: 1, noNaN: true }),
      grouped: fc.boolean(),
      // Above 2,000 rows the keys are sorted by radix.
      copies: fc.constantFrom(1, 1, 60),
    })
    .map(({ rows, double, threshold, grouped, copies }) => {
      const all = Array.from({ length: copies }, () => rows).flat();
      const scores = all.map(({ score }) => score);
      const sample: BinarySample = {
        task: 'binary-classification',
        scores: double ? Float64Array.from(scores) : Float32Array.from(scores),
        labels: Uint8Array.from(all, ({ label }) => label),
        threshold,
        ...(grouped ? { groups: Uint32Array.from(all, (_, row) => row % 7) } : {}),
      };
      return { sample, codes: Uint8Array.from(all, ({ code }) => code) };
    });

function ties(ranked: RankedScores) {
  const found: number[][] = [];
  ranked.forEachDescending((...tie) => found.push(tie));
  return { negatives: ranked.negatives, positives: ranked.positives, found };
}

function rowsOfPart(codes: Uint8Array, part: number): Uint32Array {
  return Uint32Array.from([...codes.keys()].filter((row) => codes[row] === part));
}

describe('rankParts', () => {
  it('ranks each part of sorted rows as its rows by themselves, also below 0', () => {
    fc.assert(
      fc.property(divided(-12), ({ sample, codes }) => {
        const sorted = sortRows(sample);
        expect(ties(rankSorted(sorted))).toEqual(ties(rankScores(sample)));
        for (const [part, ranked] of rankParts(sorted, codes, 3).entries()) {
          expect(ties(ranked)).toEqual(ties(rankScores(takeRows(sample, rowsOfPart(codes, part)))));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a ranking that is there already', () => {
  it('gives the metrics, intervals, bins and curves of the sample itself', () => {
    fc.assert(
      fc.property(divided(0), ({ sample: whole, codes }) => {
        for (const [part, ranked] of rankParts(sortRows(whole), codes, 3).entries()) {
          const sample = takeRows(whole, rowsOfPart(codes, part));
          expectClose(measureSample(sample, names, ranked), measureSample(sample, names));
          expectClose(
            withWidth(metricIntervals(sample, names, { confidence: 0.95, ranked })),
            withWidth(metricIntervals(sample, names, { confidence: 0.95 })),
          );
          expectClose(calibrationOf(sample, 0.95, ranked), calibrationOf(sample, 0.95));
          expectClose(classResults(sample, ['no', 'yes'], ranked), classResults(sample, ['no', 'yes']));
          expectClose(rocCurve(sample, 10, ranked), rocCurve(sample, 10));
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Without those that are all rounding, of a metric to which every row adds the same. */
function withWidth(intervals: Intervals): Intervals {
  return Object.fromEntries(Object.entries(intervals).filter(([, { low, high }]) => high - low > 1e-9));
}

/** The same but for roundings, numbers of any depth. */
function expectClose(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number' && typeof actual === 'number' && actual !== expected) {
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object') {
    expect(Object.keys(actual ?? {})).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value);
    }
  } else expect(actual).toEqual(expected);
}
