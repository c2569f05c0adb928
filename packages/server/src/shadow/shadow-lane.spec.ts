import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../testing/until';
import { ShadowLane } from './shadow-lane';

function lane(limits = { tasks: 3, bytes: 100 }) {
  const dropped = { count: 0 };
  const shadow = new ShadowLane(() => (dropped.count += 1), limits);
  const ended: number[] = [];
  const under = { way: 0, atMost: 0 };
  const offer = (id: number, bytes = 1, lasts: Promise<unknown> = sleep(1)) =>
    shadow.offer({
      bytes,
      run: async () => {
        under.way += 1;
        under.atMost = Math.max(under.atMost, under.way);
        await lasts;
        under.way -= 1;
        ended.push(id);
      },
    });
  return { shadow, dropped, ended, under, offer };
}

describe('ShadowLane', () => {
  it('runs one task after the other, none of them before the caller has gone on', async () => {
    const { ended, under, offer } = lane();
    for (const id of [1, 2, 3]) offer(id);
    expect(under.way).toBe(0);
    await until('all have ended', () => ended.length === 3);
    expect([ended, under.atMost]).toEqual([[1, 2, 3], 1]);
    offer(4);
    await until('a later one has ended', () => ended.length === 4);
  });

  it('drops what finds the queue full behind a task that hangs, and goes on when it ends', async () => {
    const { dropped, ended, under, offer } = lane();
    let release: () => void = () => undefined;
    offer(0, 1, new Promise<void>((resolve) => (release = resolve)));
    await until('it hangs', () => under.way === 1);
    for (let id = 1; id <= 10; id += 1) offer(id);
    expect(dropped.count).toBe(7);
    release();
    await until('the queue is empty', () => ended.length === 4);
    expect(ended).toEqual([0, 1, 2, 3]);
  });

  it('drops what would make the queue hold too many bytes, and gives them free again', async () => {
    const { dropped, ended, offer } = lane();
    offer(1, 60);
    offer(2, 60);
    offer(3, 101);
    expect(dropped.count).toBe(2);
    await until('the first has ended', () => ended.length === 1);
    offer(4, 100);
    await until('the last has ended', () => ended.length === 2);
  });

  it('runs nothing more once closed', async () => {
    const { shadow, dropped, ended, under, offer } = lane();
    let release: () => void = () => undefined;
    offer(1, 1, new Promise<void>((resolve) => (release = resolve)));
    await until('the first is under way', () => under.way === 1);
    offer(2);
    shadow.close();
    offer(3);
    release();
    await until('the first has ended', () => ended.length === 1);
    await sleep(10);
    expect([ended, dropped.count]).toEqual([[1], 2]);
  });
});
