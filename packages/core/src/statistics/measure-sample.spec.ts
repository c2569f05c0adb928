import fc from 'fast-check';
import { metricsOfTask, tasks } from '../config/metrics';
import { measureSample } from './measure-sample';
import { rowsOf, takeRows, type Sample } from './sample';

const share = fc.integer({ min: 0, max: 8 }).map((value) => value / 8);
const lists = <Row>(row: fc.Arbitrary<Row>) => fc.array(row, { minLength: 1, maxLength: 30 });

/** Samples with many ties, by task, whose rows are independent of each other. */
const samples = {
  'binary-classification': lists(fc.tuple(share, fc.integer({ min: 0, max: 1 }))).map((rows): Sample => ({
    task: 'binary-classification',
    scores: Float64Array.from(rows, ([score]) => score),
    labels: Uint8Array.from(rows, ([, label]) => label),
    threshold: 0.5,
  })),
  'multiclass-classification': lists(
    fc.tuple(fc.tuple(share, share, share), fc.integer({ min: 0, max: 2 })),
  ).map((rows): Sample => ({
    task: 'multiclass-classification',
    scores: Float64Array.from(
      rows.flatMap(([scores]) =>
        scores.map((score) => (score + 0.5) / (scores[0] + scores[1] + scores[2] + 1.5)),
      ),
    ),
    labels: Uint16Array.from(rows, ([, label]) => label),
    classCount: 3,
  })),
  regression: lists(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))).map(
    (rows): Sample => ({
      task: 'regression',
      scores: Float64Array.from(rows, ([prediction]) => prediction),
      targets: Float64Array.from(rows, ([, target]) => target),
    }),
  ),
};

/** One weight a row, not all of them 0. */
function withWeights(sample: fc.Arbitrary<Sample>, low: number) {
  return sample.chain((each) =>
    fc
      .array(fc.integer({ min: low, max: 4 }), { minLength: rowsOf(each), maxLength: rowsOf(each) })
      .filter((weights) => weights.some((weight) => weight > 0))
      .map((weights) => ({ sample: each, weights })),
  );
}

describe.each(Object.entries(samples))('weights of %s', (task, arbitrary) => {
  const names = metricsOfTask(task as keyof typeof samples);

  it('count a row of weight n as n rows, one of weight 0 as none', () => {
    fc.assert(
      fc.property(withWeights(arbitrary, 0), ({ sample, weights }) => {
        const repeated = weights.flatMap((weight, row) => Array.from({ length: weight }, () => row));
        const expected = measureSample(takeRows(sample, Uint32Array.from(repeated)), names);
        const actual = measureSample({ ...sample, weights: Float64Array.from(weights) }, names);
        for (const name of names) expectClose(name, actual[name], expected[name]);
      }),
    );
  });

  it('matter by their shares alone', () => {
    fc.assert(
      fc.property(withWeights(arbitrary, 1), ({ sample, weights }) => {
        const once = measureSample({ ...sample, weights: Float64Array.from(weights) }, names);
        const scaled = measureSample(
          { ...sample, weights: Float64Array.from(weights, (weight) => weight * 1024) },
          names,
        );
        for (const name of names) expectClose(name, scaled[name], once[name]);
      }),
    );
  });

  it('give no value when all are 0', () => {
    fc.assert(
      fc.property(arbitrary, (sample) => {
        const weights = new Float64Array(rowsOf(sample));
        expect(Object.values(measureSample({ ...sample, weights }, names))).toEqual(names.map(() => null));
      }),
    );
  });

  it.each([NaN, -1, Infinity])('are refused when one is %p', (bad) => {
    const [sample] = fc.sample(arbitrary, { numRuns: 1, seed: 1 }) as [Sample];
    const weights = new Float64Array(rowsOf(sample)).fill(1);
    weights[weights.length - 1] = bad;
    expect(() => measureSample({ ...sample, weights }, names)).toThrow(
      expect.objectContaining({ code: 'MLOPS_WEIGHT_RANGE' }),
    );
  });
});

function expectClose(name: string, actual: number | null | undefined, expected: number | null | undefined) {
  if (typeof actual !== 'number' || typeof expected !== 'number') {
    expect({ [name]: actual }).toEqual({ [name]: expected });
  } else {
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(expected)));
  }
}

it.each(tasks.filter((task) => task !== 'custom'))(
  'of %s without rows has no value for any metric',
  (task) => {
    const empty = { scores: new Float64Array(0), threshold: 0.5, classCount: 2 };
    const sample: Sample =
      task === 'binary-classification'
        ? { ...empty, task, labels: new Uint8Array(0) }
        : task === 'multiclass-classification'
          ? { ...empty, task, labels: new Uint16Array(0) }
          : task === 'regression'
            ? { ...empty, task, targets: new Float64Array(0) }
            : { ...empty, task, relevance: new Float64Array(0), queries: new Uint32Array(0) };
    const names = metricsOfTask(task);
    expect(Object.values(measureSample(sample, names))).toEqual(names.map(() => null));
  },
);

it('takes another cutoff than the usual', () => {
  const sample: Sample = {
    task: 'ranking',
    scores: Float64Array.of(3, 2, 1),
    relevance: Float64Array.of(0, 0, 1),
    queries: Uint32Array.of(7, 7, 7),
  };
  expect(measureSample(sample, ['recall@2', 'recall@3'])).toEqual({ 'recall@2': 0, 'recall@3': 1 });
});
