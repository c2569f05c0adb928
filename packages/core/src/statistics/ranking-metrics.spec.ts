import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../config/metrics';
import { measureSample } from './measure-sample';
import type { RankingSample } from './sample';

const names: MetricName[] = [
  ...metricsOfTask('ranking'),
  'ndcg@1',
  'ndcg@3',
  'map@2',
  'recall@2',
  'recall@3',
  'hit-rate@1',
  'hit-rate@2',
];

const row = fc.record({
  score: fc.integer({ min: 0, max: 3 }),
  relevance: fc.constantFrom(0, 0, 1, 2),
});
const query = fc.array(row, { minLength: 1, maxLength: 6 });
type Row = { readonly score: number; readonly relevance: number };

function sampleOf(queries: readonly (readonly Row[])[], weights?: readonly number[]): RankingSample {
  const rows = queries.flatMap((list, code) => list.map((each) => ({ ...each, code })));
  return {
    task: 'ranking',
    scores: Float64Array.from(rows, ({ score }) => score),
    relevance: Float64Array.from(rows, ({ relevance }) => relevance),
    queries: Uint32Array.from(rows, ({ code }) => code),
    ...(weights === undefined
      ? {}
      : { weights: Float64Array.from(rows, ({ code }) => weights[code] as number) }),
  };
}

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    ordersOf(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

function expectAllClose(actual: RankingSample, expected: (name: MetricName) => number) {
  const values = measureSample(actual, names);
  for (const name of names) expect(values[name]).toBeCloseTo(expected(name), 12);
}

describe('measureSample of a ranking', () => {
  it('is by hand', () => {
    const sample = sampleOf([
      [
        { score: 9, relevance: 0 },
        { score: 8, relevance: 3 },
        { score: 7, relevance: 0 },
        { score: 6, relevance: 1 },
      ],
    ]);
    const values = measureSample(sample, ['ndcg@3', 'map@10', 'map@3', 'mrr', 'recall@3', 'hit-rate@1']);
    expect(values['ndcg@3']).toBeCloseTo(3 / Math.log2(3) / (3 + 1 / Math.log2(3)), 12);
    expect(values['map@10']).toBeCloseTo((1 / 2 + 2 / 4) / 2, 12);
    expect(values['map@3']).toBeCloseTo(1 / 2 / 2, 12);
    expect(values).toMatchObject({ mrr: 0.5, 'recall@3': 0.5, 'hit-rate@1': 0 });
  });

  it('of equal scores is the mean over all their orders', () => {
    fc.assert(
      fc.property(query, (rows) => {
        // Every order of all rows, sorted by score: each order of the ties comes equally often.
        const orders = ordersOf(rows).map((order) => {
          const sorted = order.sort((a, b) => b.score - a.score);
          return sampleOf([sorted.map(({ relevance }, rank) => ({ relevance, score: -rank }))]);
        });
        const values = orders.map((order) => measureSample(order, names));
        expectAllClose(
          sampleOf([rows]),
          (name) => values.reduce((sum, each) => sum + (each[name] as number), 0) / values.length,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is the mean over the queries, by their weights, wherever their rows stand', () => {
    const queries = fc.array(fc.tuple(query, fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(queries, fc.infiniteStream(fc.nat()), (list, keys) => {
        const weights = list.map(([, weight]) => weight);
        const all = weights.reduce((sum, weight) => sum + weight, 0);
        fc.pre(all > 0);
        const each = list.map(([rows]) => measureSample(sampleOf([rows]), names));
        const sample = sampleOf(
          list.map(([rows]) => rows),
          weights,
        );
        const mixed = [...sample.scores.keys()].map((index) => ({ index, key: keys.next().value as number }));
        const order = mixed.sort((a, b) => a.key - b.key).map(({ index }) => index);
        const shuffled: RankingSample = {
          ...sample,
          scores: Float64Array.from(order, (index) => sample.scores[index] as number),
          relevance: Float64Array.from(order, (index) => sample.relevance[index] as number),
          queries: Uint32Array.from(order, (index) => 1000 * (sample.queries[index] as number) + 7),
          weights: Float64Array.from(order, (index) => sample.weights?.[index] as number),
        };
        expectAllClose(
          shuffled,
          (name) =>
            each.reduce(
              (sum, values, index) => sum + (values[name] as number) * (weights[index] as number),
              0,
            ) / all,
        );
      }),
    );
  });

  it('is 1 in the best order of all rows, and between 0 and 1 in any', () => {
    fc.assert(
      fc.property(query, (rows) => {
        const values = measureSample(sampleOf([rows]), names);
        for (const value of Object.values(values)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        fc.pre(rows.some(({ relevance }) => relevance > 0));
        const best = sampleOf([rows.map(({ relevance }) => ({ relevance, score: relevance }))]);
        for (const name of ['ndcg@10', 'map@10', 'mrr', 'recall@10', 'hit-rate@10'] as const) {
          expect(measureSample(best, [name])[name]).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('counts a query without a relevant row as 0', () => {
    const found = [{ score: 1, relevance: 1 }];
    const nothing = [{ score: 1, relevance: 0 }];
    expectAllClose(sampleOf([found, nothing]), () => 0.5);
  });

  it.each([-1, NaN])('refuses a relevance of %p', (relevance) => {
    const sample = sampleOf([[{ score: 1, relevance }]]);
    expect(() => measureSample(sample, names)).toThrow(
      expect.objectContaining({ code: 'MLOPS_RELEVANCE_RANGE' }),
    );
  });

  it('names the row of a score that is not finite', () => {
    const sample = sampleOf([[{ score: NaN, relevance: 1 }]]);
    expect(() => measureSample(sample, names)).toThrow(/score of row 0 \(counted from 0\) is NaN/);
  });
});
