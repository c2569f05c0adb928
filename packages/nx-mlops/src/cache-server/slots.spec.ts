import { setImmediate } from 'node:timers/promises';
import { Slots } from './slots';

describe('Slots', () => {
  it('never has more at once than it may, and does all', async () => {
    const slots = new Slots(3, 100);
    let most = 0;
    const done: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        slots
          .run(async () => {
            most = Math.max(most, slots.inUse);
            await setImmediate();
            if (index === 5) throw new Error('fails');
            done.push(index);
          })
          .catch(() => undefined),
      ),
    );
    expect(most).toBe(3);
    expect(done).toHaveLength(19);
    expect(slots.inUse).toBe(0);
  });

  it('turns away who finds the line full, and lets who has gone out of it', async () => {
    const slots = new Slots(1, 1);
    let finish: () => void = () => undefined;
    const first = slots.run(() => new Promise<string>((resolve) => (finish = () => resolve('first'))));
    const leaving = new AbortController();
    const second = slots.run(async () => 'second', leaving.signal);
    expect(await slots.run(async () => 'third')).toBeUndefined();
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    const fourth = slots.run(async () => 'fourth');
    finish();
    expect([await first, await fourth]).toEqual(['first', 'fourth']);
    expect(slots.inUse).toBe(0);
  });
});
