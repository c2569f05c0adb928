import fc from 'fast-check';
import { excludedOf } from './planned-shard';

const plan = (shards: Record<string, string[]>) => ({
  ...{ base: 'b', head: 'h', targets: ['gate'] },
  shards: Object.entries(shards).map(([name, projects]) => ({ name, projects })),
});

it('excludes the projects of the other shards, not what both have', () => {
  const shards = plan({ '1': ['a', 'b'], '2': ['c', 'b'], 'gpu-1': ['d'] });
  expect(excludedOf(shards, '1')).toEqual(['c', 'd']);
  expect(excludedOf(plan({ '1': ['a'] }), '1')).toEqual([]);
});

it('has nothing for a shard without projects, or that is not in the plan', () => {
  expect(excludedOf(plan({ '1': [] }), '1')).toBeUndefined();
  expect(excludedOf(plan({ '1': ['a'] }), '2')).toBeUndefined();
});

it('all shards together leave out no project', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('1', '2', '3'), names), (shards) => {
      const all = new Set(Object.values(shards).flat());
      const run = Object.keys(shards).flatMap((shard) => {
        const excluded = excludedOf(plan(shards), shard);
        return excluded === undefined ? [] : [...all].filter((name) => !excluded.includes(name));
      });
      expect(new Set(run)).toEqual(all);
    }),
  );
});
