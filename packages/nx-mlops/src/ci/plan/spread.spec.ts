import * as fc from 'fast-check';
import { simulatedWork } from './simulated-work.fixture';
import { spread, type Work } from './spread';

const alone = (seconds: readonly number[]): Work[] =>
  seconds.map((each, index) => ({ name: `p${index}`, tasks: new Map([[`p${index}:train`, each]]) }));

/** Some tasks that several need. */
const sharing = fc
  .record({
    shared: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }),
    projects: fc.array(
      fc.record({
        own: fc.integer({ min: 0, max: 100 }),
        needs: fc.uniqueArray(fc.nat({ max: 3 }), { maxLength: 3 }),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ shared, projects }): Work[] =>
    projects.map(({ own, needs }, index) => ({
      name: `p${index}`,
      tasks: new Map([
        [`p${index}:train`, own],
        ...needs.flatMap((need): [string, number][] =>
          shared[need] === undefined ? [] : [[`d${need}:prepare`, shared[need]]],
        ),
      ]),
    })),
  );

const agents = fc.integer({ min: 1, max: 6 });

/** Seconds of a shard, counted anew. */
function secondsOf(names: readonly string[], work: readonly Work[]): number {
  const tasks = new Map(work.filter(({ name }) => names.includes(name)).flatMap((each) => [...each.tasks]));
  return [...tasks.values()].reduce((sum, each) => sum + each, 0);
}

function optimum(seconds: readonly number[], shards: number): number {
  const loads = new Array<number>(shards).fill(0);
  let best = Infinity;
  const place = (index: number) => {
    if (Math.max(...loads) >= best) return;
    const each = seconds[index];
    if (each === undefined) {
      best = Math.max(...loads);
      return;
    }
    // Empty shards are all the same.
    const firstEmpty = loads.indexOf(0);
    for (let shard = 0; shard < shards; shard += 1) {
      if (loads[shard] === 0 && shard !== firstEmpty) continue;
      loads[shard] = (loads[shard] as number) + each;
      place(index + 1);
      loads[shard] = (loads[shard] as number) - each;
    }
  };
  place(0);
  return best;
}

it('places everything once, and counts what is shared once a shard', () => {
  fc.assert(
    fc.property(sharing, agents, (work, count) => {
      const { shards, makespan, lowerBound } = spread(work, count);
      expect(shards).toHaveLength(count);
      expect(shards.flatMap(({ names }) => names).sort()).toEqual(work.map(({ name }) => name).sort());
      for (const { names, seconds } of shards) expect(seconds).toBeCloseTo(secondsOf(names, work), 6);
      expect(makespan).toBe(Math.max(...shards.map(({ seconds }) => seconds)));
      expect(makespan).toBeGreaterThanOrEqual(lowerBound - 1e-6);
    }),
  );
});

it('is the same whatever order the work comes in', () => {
  fc.assert(
    fc.property(sharing, agents, (work, count) => {
      expect(spread([...work].reverse(), count)).toEqual(spread(work, count));
    }),
  );
});

it('is never above 4/3 of the best, where nothing is shared', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (seconds, count) => {
        const best = optimum(seconds, count);
        expect(spread(alone(seconds), count).makespan).toBeLessThanOrEqual((4 / 3) * best + 1e-9);
      },
    ),
    { numRuns: 300 },
  );
});

it('betters what longest first alone comes to', () => {
  // Graham's worst case for two shards: longest first gives 7, the best is 6.
  expect(spread(alone([3, 3, 2, 2, 2]), 2).makespan).toBe(6);
});

it('keeps projects of one dataset together where that is sooner', () => {
  const needing = (name: string, dataset: string): Work => ({
    name,
    tasks: new Map([
      [`${dataset}:prepare`, 100],
      [`${name}:train`, 10],
    ]),
  });
  const work = [needing('a', 'x'), needing('b', 'y'), needing('c', 'x'), needing('d', 'y')];
  expect(spread(work, 2)).toMatchObject({
    shards: [{ names: ['a', 'c'] }, { names: ['b', 'd'] }],
    makespan: 120,
  });
});

it('takes no shard for what another one runs anyway', () => {
  const prepare: [string, number] = ['data:prepare', 30];
  const work = [
    { name: 'data', tasks: new Map([prepare]) },
    { name: 'late', tasks: new Map([prepare, ['late:train', 100]]) },
  ];
  expect(spread(work, 2).shards.map(({ names }) => names)).toEqual([['data', 'late'], []]);
});

it.each([1, 5, 8, 20])(
  '40 models of %i datasets over 4 agents are within 1.2 of the lower bound',
  (datasets) => {
    const ratios = Array.from({ length: 100 }, (_, seed) => {
      const { makespan, lowerBound } = spread(simulatedWork(seed, { models: 40, datasets }), 4);
      return makespan / lowerBound;
    });
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.2);
  },
);

it('has an answer for a large workspace in a moment', () => {
  const started = performance.now();
  const { makespan, lowerBound } = spread(simulatedWork(1, { models: 1000, datasets: 50 }), 64);
  expect(makespan / lowerBound).toBeLessThanOrEqual(1.2);
  expect(performance.now() - started).toBeLessThan(20_000);
});

it('no work is no time', () => {
  expect(spread([], 2)).toEqual({
    shards: [
      { names: [], seconds: 0 },
      { names: [], seconds: 0 },
    ],
    makespan: 0,
    lowerBound: 0,
  });
});
