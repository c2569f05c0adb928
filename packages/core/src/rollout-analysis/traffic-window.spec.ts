import fc from 'fast-check';
import type { Histogram } from './histogram';
import type { TrafficCounters, TrafficRecord } from './traffic-record';
import { formatTrafficRecord, parseTrafficRecord, trafficRecordSchema } from './traffic-record';
import { addRecord, emptyWindow, isInWindow, mergeWindows, type TrafficWindow } from './traffic-window';

const count = fc.nat({ max: 1000 });
/** Of a few bounds, so that records have some in common and some not. */
const histogram: fc.Arbitrary<Histogram> = fc.subarray([0.001, 0.01, 0.1, 1]).chain((bounds) =>
  fc.record({
    bounds: fc.constant(bounds),
    counts: fc.array(count, { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
  }),
);
const outcomes = fc.record({ n: count, sum: fc.integer({ min: -99, max: 99 }), sumOfSquares: count });
const optional = <Value>(key: string, value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined }).map((each) => (each === undefined ? {} : { [key]: each }));
const all = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((each) => Object.assign({}, ...each) as object);

const record: fc.Arbitrary<TrafficRecord> = all(
  fc.constant({
    schemaVersion: 1,
    model: 'churn',
    environment: 'production',
    from: '2026-11-05T12:00:00Z',
    to: '2026-11-05T12:01:00Z',
  }),
  fc.record({
    version: fc.integer({ min: 1, max: 3 }),
    role: fc.constantFrom('live', 'shadow'),
    requests: fc.integer({ min: 1000, max: 2000 }),
    errors: count,
    latency: histogram,
  }),
  optional('subjects', count),
  optional('scores', histogram),
  optional('classes', fc.dictionary(fc.constantFrom('yes', 'no', '__proto__x'), count)),
  optional('outcomes', fc.dictionary(fc.constantFrom('bought', 'error'), outcomes)),
  optional(
    'shadow',
    all(
      fc.record({ compared: count }),
      optional('agreeing', count),
      optional('scoreDifferences', histogram),
      optional('dropped', count),
    ),
  ),
) as fc.Arbitrary<TrafficRecord>;

const empty = emptyWindow({
  model: 'churn',
  environment: 'production',
  since: '2026-11-05T12:00:00Z',
  until: '2026-11-05T13:00:00Z',
});
const windowOf = (records: readonly TrafficRecord[]) => records.reduce(addRecord, empty);
const plain = ({ versions }: TrafficWindow) =>
  [...versions].sort(([a], [b]) => a - b) as [number, { live?: TrafficCounters; shadow?: TrafficCounters }][];

describe('merging traffic', () => {
  const some = fc.array(record, { maxLength: 5 }).map(windowOf);

  it('does not depend on the order or the grouping', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(plain(mergeWindows(a, b))).toEqual(plain(mergeWindows(b, a)));
        expect(plain(mergeWindows(mergeWindows(a, b), c))).toEqual(
          plain(mergeWindows(a, mergeWindows(b, c))),
        );
        expect(plain(mergeWindows(a, empty))).toEqual(plain(a));
      }),
    );
  });

  it('loses no request, error or latency', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) => {
        const total = (of: (counters: TrafficCounters) => number) =>
          records.map(of).reduce((a, b) => a + b, 0);
        const merged = (of: (counters: TrafficCounters) => number) =>
          plain(windowOf(records))
            .flatMap(([, { live, shadow }]) => [live, shadow])
            .filter((each) => each !== undefined)
            .map(of)
            .reduce((a, b) => a + b, 0);
        const timed = ({ latency }: TrafficCounters) => latency.counts.reduce((a, b) => a + b, 0);
        for (const of of [
          ({ requests }: TrafficCounters) => requests,
          ({ errors }: TrafficCounters) => errors,
          timed,
        ]) {
          expect(merged(of)).toBe(total(of));
        }
      }),
    );
  });

  it('keeps histograms of different bounds on those that both have', () => {
    const of = (bounds: number[], counts: number[]) =>
      ({ ...base, latency: { bounds, counts } }) as TrafficRecord;
    const base = { ...minimal, version: 1 };
    const window = windowOf([of([1, 2, 3], [1, 2, 3, 4]), of([2, 3, 5], [10, 20, 30, 40])]);
    expect(window.versions.get(1)?.live?.latency).toEqual({ bounds: [2, 3], counts: [13, 23, 74] });
  });
});

const minimal: TrafficRecord = {
  schemaVersion: 1,
  model: 'churn',
  environment: 'production',
  version: 4,
  role: 'live',
  from: '2026-11-05T12:00:00Z',
  to: '2026-11-05T12:01:00Z',
  requests: 1,
  errors: 0,
  latency: { bounds: [], counts: [1] },
};

describe('a traffic record', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(record, (each) => {
        expect(parseTrafficRecord(formatTrafficRecord(each), { file: 'traffic.jsonl', line: 1 })).toEqual(
          each,
        );
      }),
    );
  });

  it.each([
    ['at its borders', {}, true],
    ['a little early', { from: '2026-11-05T11:59:59.999Z' }, false],
    ['a little late', { to: '2026-11-05T13:00:00.001Z' }, false],
    ['of another model', { model: 'fraud' }, false],
    ['of another environment', { environment: 'staging' }, false],
  ])('%s: in the window or not', (_, of, isIn) => {
    expect(isInWindow(empty, { ...minimal, to: empty.until, ...of })).toBe(isIn);
  });

  it.each([{ version: 0 }, { version: 1.5 }, { role: 'canary' }, { from: 'yesterday' }, { model: '../x' }])(
    'with %j is refused',
    (of) => expect(trafficRecordSchema.safeParse({ ...minimal, ...of }).success).toBe(false),
  );
});
