import type { EventPage } from './driver';
import { LogMemory } from './log-memory';

const page = (): EventPage => ({ events: [], continued: false });

describe('LogMemory', () => {
  it('gives back the same page while the stamp is the same', () => {
    const memory = new LogMemory();
    const held = page();
    memory.remember('a', { stamp: '1', page: held, bytes: 10 });
    expect(memory.recall('a', '1')).toBe(held);
    expect(memory.recall('a', '2')).toBeUndefined();
    expect(memory.recall('b', '1')).toBeUndefined();
  });

  it('lets those go first that were asked for longest ago, and one that is too big at once', () => {
    const memory = new LogMemory(100);
    for (const log of ['a', 'b', 'c']) memory.remember(log, { stamp: '1', page: page(), bytes: 30 });
    memory.recall('a', '1');
    memory.remember('d', { stamp: '1', page: page(), bytes: 30 });
    expect(['a', 'b', 'c', 'd'].filter((log) => memory.has(log))).toEqual(['a', 'c', 'd']);
    memory.remember('a', { stamp: '2', page: page(), bytes: 40 });
    expect(['a', 'c', 'd'].filter((log) => memory.has(log))).toEqual(['a', 'c', 'd']);
    memory.remember('e', { stamp: '1', page: page(), bytes: 101 });
    expect(['a', 'c', 'd', 'e'].filter((log) => memory.has(log))).toEqual([]);
  });
});
