import { advance, progressLine, type ProgressState } from './progress';
import type { LoggedStep } from './metric-log';
import { throttle } from '../processes/throttle';

function after(...seen: readonly (readonly [LoggedStep, number])[]): string {
  let state: ProgressState | undefined;
  for (const [step, at] of seen) state = advance(state, step, at, 0);
  return progressLine(state as ProgressState);
}

it.each([
  ['the bare step', [[{ step: 4, metrics: {} }, 1]], 'step 4'],
  ['metrics', [[{ step: 1, metrics: { loss: 0.41234, auc: 0.6 } }, 1]], 'step 1  loss 0.4123  auc 0.6'],
  ['one more done when counted from 0', [[{ step: 0, steps: 5, metrics: {} }, 1]], 'step 1/5'],
  [
    'all done',
    [
      [{ step: 0, steps: 2, metrics: {} }, 1],
      [{ step: 1, steps: 2, metrics: {} }, 2],
    ],
    'step 2/2',
  ],
  ['rows since the start with one step', [[{ step: 1, rows: 500, metrics: {} }, 2]], 'step 1  250 rows/s'],
  [
    'rows between steps with two',
    [
      [{ step: 1, rows: 500, metrics: {} }, 5],
      [{ step: 2, rows: 2500, metrics: {} }, 6],
    ],
    'step 2  2,000 rows/s',
  ],
  [
    'no pace from two steps that were read at once',
    [
      [{ step: 0, steps: 9, rows: 500, metrics: {} }, 5],
      [{ step: 1, steps: 9, rows: 1000, metrics: {} }, 5.001],
    ],
    'step 2/9  200 rows/s',
  ],
  [
    'the time left',
    [
      [{ step: 1, steps: 10, metrics: {} }, 10],
      [{ step: 4, steps: 10, metrics: {} }, 40],
    ],
    'step 4/10  1 min 00 s left',
  ],
  [
    'the time left of a resumed run by its own pace',
    [
      [{ step: 90, steps: 100, metrics: {} }, 10],
      [{ step: 95, steps: 100, metrics: {} }, 20],
    ],
    'step 95/100  10 s left',
  ],
] as const)('tells %s', (_what, seen, line) => expect(after(...seen)).toBe(line));

it('throttle lets the first through at once and keeps the latest of the rest', () => {
  let now = 0;
  const printed: string[] = [];
  const { push, flush } = throttle(
    (line) => printed.push(line),
    1000,
    () => now,
  );
  push('a');
  push('b');
  push('c');
  expect(printed).toEqual(['a']);
  now = 1000;
  push('d');
  push('e');
  flush();
  flush();
  expect(printed).toEqual(['a', 'd', 'e']);
});
