import {
  benjaminiHochberg,
  holm,
  metricIntervals,
  pairedDifference,
  type BinarySample,
} from '@nx-mlops/core';
import { describeWithPython, runPython } from './python-environment';

/** The answers of reference_comparison.py to the cases below. */
interface Answers {
  readonly delong: { challenger: number; champion: number; differenceError: number; p: number }[];
  readonly mcnemar: number[];
  readonly holm: number[][];
  readonly benjaminiHochberg: number[][];
  readonly wilson: [number, number][];
}

/** Repeats from run to run, and is no part of what is tested. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const next = generator(11);

function pairOf(rows: number, steps: number) {
  const labels = Array.from({ length: rows }, () => (next() < 0.4 ? 1 : 0));
  // Of few steps, so that scores tie.
  const scoresOf = () =>
    labels.map((label) => Math.round(steps * Math.min(1, Math.max(0, 0.2 * label + next()))) / steps);
  return { labels, challenger: scoresOf(), champion: scoresOf() };
}

const sampleOf = (labels: number[], scores: number[]): BinarySample => ({
  task: 'binary-classification',
  scores: Float64Array.from(scores),
  labels: Uint8Array.from(labels),
  threshold: 0.5,
});

/** Both sides are computed in this run: nothing here is a number that was copied from somewhere. */
describeWithPython('tests and intervals equal those of statsmodels and MLstatkit', () => {
  const pairs = [pairOf(40, 1_000), pairOf(200, 10), pairOf(1_000, 4), pairOf(5_000, 100_000)];
  const families = [3, 10, 40].map((count) => Array.from({ length: count }, () => next() ** 3));
  const hits = pairs.map(({ labels, challenger, champion }) => {
    const right = (scores: number[], row: number) => ((scores[row] as number) >= 0.5 ? 1 : 0) === labels[row];
    const rows = [...labels.keys()];
    const ours = rows.filter((row) => right(challenger, row));
    const theirs = rows.filter((row) => right(champion, row));
    return {
      gained: ours.filter((row) => !right(champion, row)).length,
      lost: theirs.filter((row) => !right(challenger, row)).length,
      successes: ours.length,
      trials: rows.length,
    };
  });
  let answers: Answers;

  beforeAll(() => {
    answers = runPython('reference_comparison.py', {
      delong: pairs,
      mcnemar: hits.map(({ gained, lost }) => ({ gained, lost })),
      holm: families.map((ps) => ({ ps })),
      benjaminiHochberg: families.map((ps) => ({ ps })),
      wilson: hits.map(({ successes, trials }) => ({ successes, trials, confidence: 0.95 })),
    }) as Answers;
  });

  it("DeLong's test of two areas", () => {
    pairs.forEach(({ labels, challenger, champion }, index) => {
      const expected = answers.delong[index];
      const options = { alpha: 0.05 };
      const found = pairedDifference(
        sampleOf(labels, challenger),
        sampleOf(labels, champion),
        'roc-auc',
        options,
      );
      expect(found?.test).toBe('delong');
      expect(found?.difference).toBeCloseTo(
        (expected?.challenger as number) - (expected?.champion as number),
        11,
      );
      expect(found?.standardError).toBeCloseTo(expected?.differenceError as number, 11);
      expect(found?.p).toBeCloseTo(expected?.p as number, 10);
    });
  });

  it("McNemar's test of two accuracies", () => {
    // Both the exact test and the one by chi-square.
    expect(hits.some(({ gained, lost }) => gained + lost < 25)).toBe(true);
    expect(hits.some(({ gained, lost }) => gained + lost >= 25)).toBe(true);
    pairs.forEach(({ labels, challenger, champion }, index) => {
      const options = { alpha: 0.05, test: 'mcnemar' } as const;
      const found = pairedDifference(
        sampleOf(labels, challenger),
        sampleOf(labels, champion),
        'accuracy',
        options,
      );
      expect(found?.p).toBeCloseTo(answers.mcnemar[index] as number, 11);
    });
  });

  it("Wilson's interval of an accuracy", () => {
    pairs.forEach(({ labels, challenger }, index) => {
      const [low, high] = answers.wilson[index] as [number, number];
      const { accuracy } = metricIntervals(sampleOf(labels, challenger), ['accuracy'], { confidence: 0.95 });
      expect(accuracy).toEqual({
        low: expect.closeTo(low, 12),
        high: expect.closeTo(high, 12),
        method: 'wilson',
      });
    });
  });

  it('p values adjusted by Holm and by Benjamini and Hochberg', () => {
    families.forEach((ps, index) => {
      const close = (values: number[] = []) => values.map((value) => expect.closeTo(value, 12) as number);
      expect(holm(ps)).toEqual(close(answers.holm[index]));
      expect(benjaminiHochberg(ps)).toEqual(close(answers.benjaminiHochberg[index]));
    });
  });
});
