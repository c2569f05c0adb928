import fc from 'fast-check';
import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent } from './event-log';
import { foldEvents } from './fold';
import { longPlan, randomLog } from './random-events.fixture';
import { formatSnapshot, parseSnapshot } from './snapshot';
import { emptySummary, summaryAfter } from './summary';
import { sortedSummary, summaryOfState } from './summary-of-state.fixture';

const summaryOf = (events: readonly RegistryEvent[]) => summaryAfter(emptySummary('churn'), events);
/** Versions are counted by their events; a log of ours registers each number once. */
const registersOnce = (events: readonly RegistryEvent[]) => {
  const numbers = events.flatMap((event) => (event.type === 'registered' ? [event.version] : []));
  return new Set(numbers).size === numbers.length;
};

describe('a summary', () => {
  it('is that of the fold of the whole log', () => {
    fc.assert(
      fc.property(randomLog, (events) => {
        fc.pre(registersOnce(events));
        expect(sortedSummary(summaryOf(events))).toEqual(summaryOfState(foldEvents('churn', events)));
      }),
      { numRuns: 500 },
    );
  });

  it('goes on from a snapshot of any place as if it had begun at the beginning', () => {
    fc.assert(
      fc.property(randomLog, fc.nat(), (events, at) => {
        const known = events.slice(0, at % (events.length + 1));
        const last = known.at(-1);
        fc.pre(last !== undefined);
        const position = { seq: last.seq, hash: last.hash, mark: '0-1' };
        const text = formatSnapshot({ schemaVersion: 1, position, summary: summaryOf(known) });
        const snapshot = parseSnapshot(text, 'churn');
        expect(snapshot?.position).toEqual(position);
        const summary = snapshot && summaryAfter(snapshot.summary, events.slice(known.length));
        expect(summary).toEqual(summaryOf(events));
      }),
    );
  });

  it('tells what serves, what is on its way, how it stands, and what is blocked', () => {
    const base = { at: '2026-11-01T12:00:00.000Z', actor: 'ada' };
    const of = { environment: 'production', rollout: 'production-4' };
    const [one, two] = [1, 2].map((version) => ({ version, digest: String(version).repeat(64) }));
    const evidence = { kind: 'analysis', verdict: 'inconclusive', summary: '7 requests' } as const;
    const events = (
      [
        { ...base, type: 'registered', ...one! },
        { ...base, type: 'registered', ...two! },
        { ...base, type: 'deployed', environment: 'production', ...one! },
        { ...base, type: 'rollout-started', ...of, ...two!, champion: one!, plan: longPlan },
        { ...base, type: 'rollout-advanced', ...of, step: 3, evidence: { ...evidence, verdict: 'pass' } },
        { ...base, type: 'rollout-held', ...of, step: 3, evidence },
      ] satisfies NewRegistryEvent[]
    ).reduce<RegistryEvent[]>((made, event) => [...made, chainEvent(made.at(-1), event)], []);
    const summary = summaryOf(events);
    expect(summary).toMatchObject({
      ...{ model: 'churn', versions: 2, lastVersion: 2, lastSeq: 6, lastAt: base.at },
      environments: {
        production: {
          deployment: { version: 1, seq: 3 },
          rollout: {
            ...{ candidate: two, champion: one, phase: 'canary', step: 3 },
            share: { weight: 5, shadow: 0 },
            evidence: { verdict: 'inconclusive' },
          },
          blocked: [],
        },
      },
    });
    const aborted = chainEvent(events.at(-1), {
      ...base,
      ...{ type: 'rollout-aborted', ...of, ...two!, cause: 'manual', quarantined: true },
    } as NewRegistryEvent);
    expect(summaryAfter(summary, [aborted]).environments['production']).toEqual({
      deployment: summary.environments['production']?.deployment,
      blocked: [two?.digest],
    });
  });
});

describe('a snapshot', () => {
  const [events] = fc
    .sample(fc.tuple(randomLog, randomLog), { numRuns: 1, seed: 3 })[0]!
    .sort((a, b) => b.length - a.length);
  const last = events.at(-1)!;
  const position = { seq: last.seq, hash: last.hash, mark: '0-1' };
  const text = formatSnapshot({ schemaVersion: 1, position, summary: summaryOf(events) });

  it('of which any byte was changed is not used', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length - 2 }), fc.integer({ min: 33, max: 126 }), (at, byte) => {
        const changed = Buffer.from(text);
        fc.pre(changed[at] !== byte && changed[at]! < 128);
        changed[at] = byte;
        expect(parseSnapshot(changed.toString(), 'churn')).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['cut off', text.slice(0, -5)],
    ['empty', ''],
    ['null', 'null'],
    ['of a later form', text.replace('"schemaVersion":1', '"schemaVersion":2')],
  ])('that is %s is not used', (_, other) => {
    expect(parseSnapshot(other, 'churn')).toBeUndefined();
  });

  it('of another model, or whose summary is of another place, is not used', () => {
    expect(parseSnapshot(text, 'churn')).toBeDefined();
    expect(parseSnapshot(text, 'delay')).toBeUndefined();
    const elsewhere = formatSnapshot({
      schemaVersion: 1,
      position: { ...position, seq: position.seq - 1 },
      summary: summaryOf(events),
    });
    expect(parseSnapshot(elsewhere, 'churn')).toBeUndefined();
  });
});
