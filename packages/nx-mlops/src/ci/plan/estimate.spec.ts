import { estimateFrom } from './estimate';

const recorded = new Map(
  Object.entries({ 'a:train': 10, 'b:train': 40, 'c:train': 20, 'a:test': 4, 'b:test': 8 }).map(
    ([id, seconds]) => [id, { seconds }],
  ),
);
const task = (id: string, executor?: string) => ({ id, target: id.split(':')[1] as string, executor });

it.each([
  ['what it took before', task('b:train'), 40],
  ['the median of its target elsewhere', task('new:train'), 20],
  ['the mean of the middle two of an even number', task('new:test'), 6],
  ['a fixed time of its executor', task('new:learn', 'nx-mlops:train'), 300],
  ['a fixed time of its name', task('new:build', '@nx/js:tsc'), 30],
  ['something', task('new:whatever'), 15],
])('takes %s', (_what, { executor, ...rest }, seconds) => {
  expect(estimateFrom(recorded)({ ...rest, ...(executor === undefined ? {} : { executor }) })).toBe(seconds);
});
