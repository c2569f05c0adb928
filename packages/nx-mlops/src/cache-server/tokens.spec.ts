import { CacheTokens } from './tokens';

const trusted = 'trusted-0123456789';
const pullRequest = 'pull.request-0123456789';
const read = 'read-0123456789abc';
const environment = {
  NX_MLOPS_CACHE_TRUSTED_TOKEN: trusted,
  NX_MLOPS_CACHE_PULL_REQUEST_TOKEN: pullRequest,
  NX_MLOPS_CACHE_READ_TOKEN: read,
};

describe('CacheTokens', () => {
  const tokens = CacheTokens.fromEnvironment(environment);
  const main = { kind: 'trusted' };
  const own = (name: string) => ({ kind: 'pull-request', name });

  it.each([
    ['trusted', `Bearer ${trusted}`, [main], main],
    ['trusted, scheme in lower case', `bearer ${trusted}`, [main], main],
    ['read', `Bearer ${read}`, [main], undefined],
    ['pull request', `Bearer ${pullRequest}.pr-123`, [main, own('pr-123')], own('pr-123')],
    [
      'pull request without a name',
      `Bearer ${pullRequest}`,
      [main, own('pull-requests')],
      own('pull-requests'),
    ],
  ])('%s', (_, header, reads, writes) => {
    const access = tokens.authorize(header);
    expect(access?.reads).toEqual(reads);
    expect(access?.writes).toEqual(writes);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${trusted}`,
    trusted,
    `Bearer ${trusted}x`,
    `Bearer ${trusted.slice(1)}`,
    // No other token takes a name: it would let a pull request's code choose.
    `Bearer ${trusted}.pr-1`,
    `Bearer ${read}.pr-1`,
    `Bearer ${pullRequest}.`,
    `Bearer ${pullRequest}..`,
    `Bearer ${pullRequest}.PR-1`,
    `Bearer ${pullRequest}.a/b`,
    `Bearer ${pullRequest}.../trusted`,
    `Bearer ${pullRequest}.-a`,
    `Bearer ${pullRequest}.${'a'.repeat(65)}`,
    `Bearer ${pullRequest}.a.b`,
    `Bearer .pr-1`,
  ])('gives "%s" nothing', (header) => {
    expect(tokens.authorize(header)).toBeUndefined();
  });

  it('without tokens everybody may do all', () => {
    const open = CacheTokens.fromEnvironment({ NX_MLOPS_CACHE_TRUSTED_TOKEN: ' ' });
    expect(open.areSet).toBe(false);
    expect(open.authorize(undefined)?.writes).toEqual(main);
  });

  it('with the trusted token alone an empty one is nothing', () => {
    const one = CacheTokens.fromEnvironment({ NX_MLOPS_CACHE_TRUSTED_TOKEN: trusted });
    for (const header of ['Bearer ', 'Bearer .pr-1', 'Bearer']) expect(one.authorize(header)).toBeUndefined();
  });

  it.each([
    ['no trusted one', { NX_MLOPS_CACHE_TRUSTED_TOKEN: '' }, /TRUSTED_TOKEN is missing/],
    ['a short one', { NX_MLOPS_CACHE_READ_TOKEN: 'short' }, /fewer than 16/],
    ['a blank inside', { NX_MLOPS_CACHE_READ_TOKEN: 'has a blank in it, long' }, /blanks/],
    ['two equal', { NX_MLOPS_CACHE_READ_TOKEN: trusted }, /the same/],
    [
      'one that is a named pull request',
      { NX_MLOPS_CACHE_TRUSTED_TOKEN: `${pullRequest}.main` },
      /name behind/,
    ],
  ])('refuses %s', (_, change, message) => {
    expect(() => CacheTokens.fromEnvironment({ ...environment, ...change })).toThrow(
      expect.objectContaining({ code: 'MLOPS_CACHE_TOKENS', message: expect.stringMatching(message) }),
    );
  });
});
