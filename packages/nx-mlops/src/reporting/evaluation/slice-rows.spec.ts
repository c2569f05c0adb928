import { binaryFailed } from './gated-model.fixture';
import { sliceRows } from './slice-rows';

it('sorts slices by concern: failed gates, flags, then how far they are behind', () => {
  const { evaluation, report } = binaryFailed();
  expect(sliceRows(evaluation, report, 'roc-auc').map(({ name }) => name)).toEqual([
    'origin = EWR',
    'hour = 23',
    'origin = (missing)',
    'long haul = false',
    'origin = LGA',
    'origin = JFK',
    'long haul = true',
    'hour = 6',
  ]);
});

it('flags what is worse than the rest, and nothing that is better', () => {
  const { evaluation, report } = binaryFailed();
  const flagged = sliceRows(evaluation, report, 'roc-auc').map(({ name, flagged: metrics }) => [
    name,
    metrics.map(({ metric }) => metric),
  ]);
  expect(Object.fromEntries(flagged)).toMatchObject({
    'hour = 23': ['roc-auc', 'log-loss'],
    'origin = EWR': ['roc-auc'],
    // Its log loss differs at p 0.01, and is better.
    'hour = 6': [],
  });
});

it('takes a larger value for worse where lower is better', () => {
  const { evaluation, report } = binaryFailed();
  const [first, second] = sliceRows(
    { ...evaluation, slices: evaluation.slices.slice(4, 6) },
    report,
    'log-loss',
  );
  expect([first?.name, second?.name]).toEqual(['long haul = false', 'long haul = true']);
  expect(first?.gap).toBeCloseTo(0.477 - 0.4687, 10);
});
