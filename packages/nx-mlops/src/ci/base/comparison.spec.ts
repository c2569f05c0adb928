import { comparisonOf, judgeGreen } from './comparison';

describe('comparisonOf', () => {
  it.each([
    [
      { kind: 'change-request', target: 'release' },
      { kind: 'merge-base', branch: 'release' },
    ],
    [
      { kind: 'push', branch: 'main', isForced: false },
      { kind: 'last-green', branch: 'main' },
    ],
    [{ kind: 'push', branch: 'main', isForced: true }, { kind: 'everything' }],
    [{ kind: 'tag', tag: 'v1' }, { kind: 'everything' }],
    [{ kind: 'schedule' }, { kind: 'everything' }],
    [{ kind: 'none' }, { kind: 'merge-base', branch: 'trunk' }],
  ] as const)('%j', (event, expected) => {
    expect(comparisonOf(event, 'trunk')).toEqual({
      ...expected,
      because: expect.stringMatching(/^[A-Za-z].*\.$/),
    });
  });
});

describe('judgeGreen', () => {
  it.each([
    ['ancestor', 'base'],
    ['unrelated', 'everything'],
    ['gone', 'everything'],
  ] as const)('of a commit that is %s: %s', (relation, kind) => {
    expect(judgeGreen('a'.repeat(40), relation, 'main').kind).toBe(kind);
  });
});
