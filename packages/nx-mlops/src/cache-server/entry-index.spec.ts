import { EntryIndex } from './entry-index';
import { entryKey, kindOfKey } from './scope';

describe('kindOfKey', () => {
  it.each([
    ['trusted/123', 'trusted'],
    ['pull-request/pr-1/123', 'pull-request'],
    ['trusted/a/123', undefined],
    ['pull-request/123', undefined],
    ['pull-request/PR/123', undefined],
    ['other/123', undefined],
    ['trusted/.hidden', undefined],
  ])('%s is %s', (key, kind) => {
    expect(kindOfKey(key)).toBe(kind);
  });

  it('knows the keys of both kinds', () => {
    expect(kindOfKey(entryKey({ kind: 'trusted' }, '1'))).toBe('trusted');
    expect(kindOfKey(entryKey({ kind: 'pull-request', name: 'a' }, '1'))).toBe('pull-request');
  });
});

describe('EntryIndex', () => {
  const filled = () => {
    const index = new EntryIndex();
    for (const key of ['trusted/a', 'trusted/b', 'pull-request/p/a', 'trusted/c']) index.use(key, 10);
    return index;
  };
  const evicted = (index: EntryIndex, maxBytes: number) =>
    index.toEvict('trusted', maxBytes).map(({ key }) => key);

  it('adds up each kind by itself', () => {
    const index = filled();
    index.use('trusted/a', 15);
    index.use('no entry', 1000);
    index.forget('trusted/b');
    index.forget('trusted/b');
    expect(index.total('trusted')).toEqual({ count: 2, bytes: 25 });
    expect(index.total('pull-request')).toEqual({ count: 1, bytes: 10 });
  });

  it('gives up the longest unused first, and no more than it must', () => {
    const index = filled();
    expect(evicted(index, 30)).toEqual([]);
    expect(evicted(index, 29)).toEqual(['trusted/a']);
    index.use('trusted/a', 10);
    expect(evicted(index, 29)).toEqual(['trusted/b']);
    expect(evicted(index, 0)).toEqual(['trusted/b', 'trusted/c', 'trusted/a']);
  });

  it('gives up nothing that is read, until the last reader is done', () => {
    const index = filled();
    const [first, second] = [index.hold('trusted/a'), index.hold('trusted/a')];
    expect(evicted(index, 20)).toEqual(['trusted/b']);
    first();
    first();
    expect(evicted(index, 20)).toEqual(['trusted/b']);
    second();
    expect(evicted(index, 20)).toEqual(['trusted/a']);
  });
});
