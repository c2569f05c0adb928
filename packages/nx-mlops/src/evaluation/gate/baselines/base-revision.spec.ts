import { baseRevision } from './base-revision';

describe('the base that a branch is compared with', () => {
  it.each([
    ['nothing said', undefined, {}, ['main', 'origin/main'], 'defaultBase of nx.json'],
    ['the option', 'develop', { NX_BASE: 'x' }, ['develop', 'origin/develop'], '--base'],
    ['Nx', undefined, { NX_BASE: 'abc', GITHUB_BASE_REF: 'main' }, ['abc', 'origin/abc'], 'NX_BASE'],
    ['GitHub', undefined, { GITHUB_BASE_REF: 'dev' }, ['origin/dev', 'dev'], 'GITHUB_BASE_REF'],
    [
      'GitHub on a push',
      undefined,
      { GITHUB_BASE_REF: '' },
      ['main', 'origin/main'],
      'defaultBase of nx.json',
    ],
    [
      'GitLab',
      undefined,
      { CI_MERGE_REQUEST_DIFF_BASE_SHA: 'abc', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' },
      ['abc'],
      'CI_MERGE_REQUEST_DIFF_BASE_SHA',
    ],
    [
      'GitLab without the commit',
      undefined,
      { CI_MERGE_REQUEST_DIFF_BASE_SHA: '', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'dev' },
      ['origin/dev', 'dev'],
      'CI_MERGE_REQUEST_TARGET_BRANCH_NAME',
    ],
    [
      'Jenkins',
      undefined,
      { CHANGE_TARGET: 'release/1' },
      ['origin/release/1', 'release/1'],
      'CHANGE_TARGET',
    ],
  ] as const)('%s', (_what, option, env, candidates, from) => {
    expect(baseRevision(option, env, 'main')).toEqual({ candidates, from });
  });
});
