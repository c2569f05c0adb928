import fc from 'fast-check';
import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent, formatEvent, hashOfEvent, parseEventLog, verifyChain } from './event-log';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const version = fc.integer({ min: 1, max: 1e6 });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const common = { at: fc.constant('2026-11-01T12:00:00.000Z'), actor: text };
const newEvent = fc.oneof(
  fc.record({ ...common, type: fc.constant('registered' as const), version, digest: hex }),
  fc.record(
    {
      ...common,
      reason: text,
      type: fc.constant('rolled-back' as const),
      environment: text,
      version,
      digest: hex,
      blocked: hex,
    },
    { requiredKeys: ['type', 'at', 'actor', 'environment', 'version', 'digest', 'blocked'] },
  ),
  fc.record({ ...common, type: fc.constant('released' as const), environment: text, digest: hex }),
);
const log = fc.array(newEvent, { maxLength: 12 }).map(chainAll);

function chainAll(events: readonly NewRegistryEvent[]): RegistryEvent[] {
  return events.reduce<RegistryEvent[]>((done, event) => [...done, chainEvent(done.at(-1), event)], []);
}

function bytesOf(events: readonly RegistryEvent[]): Buffer {
  return Buffer.from(events.map(formatEvent).join(''));
}

const deployed: NewRegistryEvent = {
  type: 'deployed',
  at: '2026-11-01T12:00:00.000Z',
  actor: 'ada',
  environment: 'production',
  version: 1,
  digest: 'a'.repeat(64),
};

describe('an event log', () => {
  it('reads what was written, and its chain holds', () => {
    fc.assert(
      fc.property(log, (events) => {
        const { events: read, wholeLength } = parseEventLog(bytesOf(events));
        expect(read).toEqual(events);
        expect(wholeLength).toBe(bytesOf(events).length);
        expect(() => verifyChain(read)).not.toThrow();
      }),
    );
  });

  it('is one line an event', () => {
    const line = formatEvent(chainEvent(undefined, { ...deployed, reason: 'two\nlines' }));
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('cut off anywhere reads as the events that were whole by then', () => {
    fc.assert(
      fc.property(log, fc.nat(), (events, cut) => {
        const bytes = bytesOf(events);
        const kept = bytes.subarray(0, bytes.length === 0 ? 0 : cut % (bytes.length + 1));
        const { events: read, wholeLength } = parseEventLog(kept);
        expect(read).toEqual(events.slice(0, read.length));
        expect(wholeLength).toBe(bytesOf(events.slice(0, read.length)).length);
        const next = events[read.length];
        const nextLength = next === undefined ? 1 : bytesOf([next]).length;
        expect(kept.length - wholeLength).toBeLessThan(nextLength);
      }),
    );
  });

  it('shows any byte that was changed', () => {
    const [first, second] = chainAll([deployed, { ...deployed, version: 2 }]) as [
      RegistryEvent,
      RegistryEvent,
    ];
    const bytes = bytesOf([first, second]);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 2 }), fc.integer({ min: 32, max: 126 }), (at, byte) => {
        fc.pre(bytes[at] !== byte);
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        expect(() => verifyChain(parseEventLog(changed).events)).toThrow(
          expect.objectContaining({ code: 'MLOPS_REGISTRY_TAMPERED' }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['removed', (events: RegistryEvent[]) => events.toSpliced(1, 1), /event 2 is missing; event 3 follows/],
    ['swapped', ([a, b, c]: RegistryEvent[]) => [a, c, b] as RegistryEvent[], /event 2 is missing/],
    [
      'doubled',
      ([a, b]: RegistryEvent[]) => [a, b, b] as RegistryEvent[],
      /event 3 is missing; event 2 follows/,
    ],
    ['removed at the start', (events: RegistryEvent[]) => events.slice(1), /event 1 is missing/],
    [
      'changed with a new hash',
      ([a, b, c]: RegistryEvent[]) => {
        const forged = { ...(b as RegistryEvent), actor: 'mallory' };
        return [a, { ...forged, hash: hashOfEvent(forged) }, c] as RegistryEvent[];
      },
      /event 3 does not follow/,
    ],
    [
      'changed',
      ([a, b]: RegistryEvent[]) => [a, { ...(b as RegistryEvent), actor: 'mallory' }] as RegistryEvent[],
      /event 2 was changed/,
    ],
  ])('shows an event that was %s', (_, edit, message) => {
    const events = chainAll([deployed, { ...deployed, version: 2 }, { ...deployed, version: 3 }]);
    expect(() => verifyChain(edit(events), 'events.jsonl')).toThrow(message);
  });

  it.each([
    ['no JSON', '{"seq":1'],
    ['no event', '{"seq":1}'],
    ['empty', ''],
  ])('names a line that is %s', (_, line) => {
    const good = formatEvent(chainEvent(undefined, deployed));
    expect(() => parseEventLog(Buffer.from(`${good}${line}\n`), 'events.jsonl')).toThrow(
      /^events\.jsonl: line 2 is no/,
    );
  });

  it('takes no event that it could not read again', () => {
    expect(() => chainEvent(undefined, { ...deployed, actor: '' })).toThrow(
      expect.objectContaining({ code: 'MLOPS_REGISTRY_EVENT_INVALID' }),
    );
  });
});
