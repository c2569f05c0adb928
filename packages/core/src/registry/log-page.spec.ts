import fc from 'fast-check';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent } from './event-log';
import { pageOfLog, pageOfTail, startOfTail } from './log-page';

const actor = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const log = fc.array(actor, { minLength: 1, maxLength: 12 }).map((actors) =>
  actors.reduce<RegistryEvent[]>((events, each, index) => {
    const event = {
      type: 'released' as const,
      environment: `e${index}`,
      digest: 'd',
      at: 'now',
      actor: each,
    };
    return [...events, chainEvent(events.at(-1), event)];
  }, []),
);
const bytesOf = (events: readonly RegistryEvent[]) => Buffer.from(events.map(formatEvent).join(''));

describe('the rest of a log', () => {
  it('is what the whole log has behind the position, also when the last line is torn', () => {
    fc.assert(
      fc.property(log, fc.nat(), fc.nat(), (events, at, torn) => {
        const known = 1 + (at % events.length);
        const { end } = pageOfLog(bytesOf(events.slice(0, known)));
        const whole = bytesOf(events);
        const least = bytesOf(events.slice(0, known)).length;
        const bytes = whole.subarray(0, least + (torn % (whole.length - least + 1)));
        const rest = pageOfTail(bytes.subarray(startOfTail(end!)), end!);
        const all = pageOfLog(bytes);
        expect(rest).toEqual({ events: all.events.slice(known), end: all.end, continued: true });
      }),
    );
  });

  it('is never read from a place where the event is not', () => {
    fc.assert(
      fc.property(log, fc.nat(), fc.nat(), fc.nat(), (events, at, from, to) => {
        const { end } = pageOfLog(bytesOf(events.slice(0, 1 + (at % events.length))));
        const bytes = bytesOf(events);
        const mark = `${from % bytes.length}-${to % (bytes.length + 9)}`;
        fc.pre(mark !== end!.mark);
        const start = startOfTail({ ...end!, mark });
        expect(start === undefined ? undefined : pageOfTail(bytes.subarray(start), { ...end!, mark })).toBe(
          undefined,
        );
      }),
    );
  });

  it('is not read behind an event that was changed and kept its hash', () => {
    const [first] = fc.sample(log, 1) as [RegistryEvent[]];
    const { end } = pageOfLog(bytesOf(first));
    const forged = Buffer.from(bytesOf(first).toString().replaceAll('"environment":"e', '"environment":"f'));
    expect(pageOfTail(forged.subarray(startOfTail(end!)), end!)).toBeUndefined();
  });
});
