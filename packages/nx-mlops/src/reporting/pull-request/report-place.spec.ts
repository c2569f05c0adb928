import { MlopsError } from '@nx-mlops/core';
import { ciRun, gitHubPullRequest, parseGitHubEvent } from './ci-environment';
import { reportPlace } from './report-place';

const actions = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 't' };
const gitLab = { GITLAB_CI: 'true', CI_PROJECT_ID: '34', CI_MERGE_REQUEST_IID: '12', GITLAB_TOKEN: 't' };

describe('reportPlace', () => {
  it.each([
    ['pull_request', { pull_request: { number: 12, head: { sha: 'a'.repeat(40) } } }, 12],
    ['issue_comment', { issue: { number: 13, pull_request: {} } }, 13],
    ['issue_comment on an issue', { issue: { number: 13 } }, undefined],
    ['workflow_run', { workflow_run: { pull_requests: [{ number: 14 }] } }, 14],
    ['workflow_run of a fork', { workflow_run: { pull_requests: [] } }, undefined],
    ['push', { ref: 'refs/heads/main' }, undefined],
  ])('finds the pull request of the event %s', (_, event, number) => {
    expect(gitHubPullRequest({}, parseGitHubEvent(JSON.stringify(event)))).toBe(number);
  });

  it('finds it by the ref, too, and takes no branch for one', () => {
    expect(gitHubPullRequest({ GITHUB_REF: 'refs/pull/12/merge' }, {})).toBe(12);
    expect(gitHubPullRequest({ GITHUB_REF: 'refs/heads/refs/pull/12/merge' }, {})).toBeUndefined();
    expect(parseGitHubEvent('no JSON')).toEqual({});
  });

  it('of an Actions job is its pull request', () => {
    expect(reportPlace({ ...actions, GITHUB_REF: 'refs/pull/12/merge' }, {}, {})).toEqual({
      kind: 'github',
      api: 'https://api.github.com',
      repository: 'acme/shop',
      number: 12,
      token: 't',
    });
    const enterprise = { ...actions, GITHUB_API_URL: 'https://git.acme.example/api/v3' };
    expect(reportPlace(enterprise, {}, { pullRequest: 3 })).toMatchObject({
      api: 'https://git.acme.example/api/v3',
      number: 3,
    });
  });

  it('of a GitLab job is its merge request', () => {
    expect(reportPlace(gitLab, {}, {})).toEqual({
      kind: 'gitlab',
      api: 'https://gitlab.com/api/v4',
      project: '34',
      iid: 12,
      token: 't',
    });
  });

  it('of a Jenkins job is what it says, with the number of the branch source', () => {
    const env = { CHANGE_ID: '12', GITHUB_TOKEN: 't' };
    expect(reportPlace(env, {}, { provider: 'github', repository: 'acme/shop' })).toMatchObject({
      kind: 'github',
      number: 12,
    });
    expect(
      reportPlace(
        { gitlabMergeRequestIid: '5', MLOPS_GITLAB_TOKEN: 't' },
        {},
        { provider: 'gitlab', repository: 'acme/shop' },
      ),
    ).toMatchObject({ kind: 'gitlab', iid: 5, project: 'acme/shop' });
  });

  it.each([
    ['on a branch', actions, /no pull request/],
    [
      'with an empty token',
      { ...actions, GITHUB_REF: 'refs/pull/1/merge', GITHUB_TOKEN: '' },
      /no GITHUB_TOKEN/,
    ],
    ['of a branch pipeline', { ...gitLab, CI_MERGE_REQUEST_IID: undefined }, /no merge request/],
    [
      'with the job token alone',
      { ...gitLab, GITLAB_TOKEN: undefined, CI_JOB_TOKEN: 'j' },
      /CI_JOB_TOKEN may not write notes/,
    ],
    ['elsewhere', {}, /--provider/],
  ])('is none %s, and says why', (_, env, because) => {
    expect(reportPlace(env, {}, {})).toEqual({ kind: 'none', because: expect.stringMatching(because) });
  });

  it.each([
    [{ pullRequest: 0 }],
    [{ pullRequest: 1.5 }],
    [{ apiUrl: 'api.github.com' }],
    [{ provider: 'github', pullRequest: 1, repository: 'https://github.com/acme/shop' }],
  ] as const)('refuses %j', (options) => {
    expect(() => reportPlace({ GITHUB_TOKEN: 't' }, {}, options)).toThrow(MlopsError);
  });
});

describe('ciRun', () => {
  it('links to the run of each system, and to web addresses alone', () => {
    expect(
      ciRun(
        {
          GITHUB_SERVER_URL: 'https://github.com',
          GITHUB_REPOSITORY: 'acme/shop',
          GITHUB_RUN_ID: '9',
          GITHUB_SHA: 'b'.repeat(40),
        },
        {},
      ),
    ).toEqual({ url: 'https://github.com/acme/shop/actions/runs/9', commit: 'b'.repeat(40) });
    expect(ciRun({ CI_PIPELINE_URL: 'https://gitlab.com/p/1', CI_COMMIT_SHA: 'abcdef1' }, {})).toEqual({
      url: 'https://gitlab.com/p/1',
      commit: 'abcdef1',
    });
    expect(ciRun({ BUILD_URL: 'javascript:alert(1)', GIT_COMMIT: 'no sha' }, {})).toEqual({});
  });

  it('tells the head of the pull request, not the merge that Actions makes of it', () => {
    const event = { pull_request: { number: 1, head: { sha: 'c'.repeat(40) } } };
    expect(ciRun({ GITHUB_SHA: 'd'.repeat(40) }, event).commit).toBe('c'.repeat(40));
  });
});
