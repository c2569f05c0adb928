import fc from 'fast-check';
import { ciEventOf, type CiEvent } from './ci-event';

const github = { GITHUB_ACTIONS: 'true' };
const gitlab = { GITLAB_CI: 'true' };
const jenkins = { JENKINS_URL: 'https://ci.example.org/' };

const cases: readonly [string, Record<string, string>, string | undefined, CiEvent][] = [
  [
    'a pull request',
    {
      ...github,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_BASE_REF: 'release/2',
      GITHUB_REF: 'refs/pull/7/merge',
    },
    undefined,
    { kind: 'change-request', target: 'release/2' },
  ],
  [
    'a merge queue',
    {
      ...github,
      GITHUB_EVENT_NAME: 'merge_group',
      GITHUB_BASE_REF: '',
      GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7',
    },
    '{"merge_group":{"base_ref":"refs/heads/main"}}',
    { kind: 'change-request', target: 'main' },
  ],
  [
    'a push',
    { ...github, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/feature/x' },
    '{"forced":false}',
    { kind: 'push', branch: 'feature/x', isForced: false },
  ],
  [
    'a push by force',
    { ...github, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' },
    '{"forced":true}',
    { kind: 'push', branch: 'main', isForced: true },
  ],
  [
    'a push whose event cannot be read',
    { ...github, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' },
    '{"forced":"x"',
    { kind: 'push', branch: 'main', isForced: false },
  ],
  ['a tag', { ...github, GITHUB_REF: 'refs/tags/v1' }, undefined, { kind: 'tag', tag: 'v1' }],
  [
    'a schedule',
    { ...github, GITHUB_EVENT_NAME: 'schedule', GITHUB_REF: 'refs/heads/main' },
    undefined,
    { kind: 'schedule' },
  ],
  [
    'a merge request',
    {
      ...gitlab,
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
      CI_COMMIT_BRANCH: '',
    },
    undefined,
    { kind: 'change-request', target: 'main' },
  ],
  [
    'a push on GitLab',
    { ...gitlab, CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main' },
    undefined,
    { kind: 'push', branch: 'main', isForced: false },
  ],
  [
    'a schedule on GitLab',
    { ...gitlab, CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BRANCH: 'main' },
    undefined,
    { kind: 'schedule' },
  ],
  [
    'a tag on GitLab',
    { ...gitlab, CI_PIPELINE_SOURCE: 'push', CI_COMMIT_TAG: 'v1' },
    undefined,
    { kind: 'tag', tag: 'v1' },
  ],
  [
    'a change on Jenkins',
    { ...jenkins, CHANGE_ID: '7', CHANGE_TARGET: 'main', BRANCH_NAME: 'PR-7' },
    undefined,
    { kind: 'change-request', target: 'main' },
  ],
  [
    'a branch on Jenkins',
    { ...jenkins, BRANCH_NAME: 'main' },
    undefined,
    { kind: 'push', branch: 'main', isForced: false },
  ],
  [
    'a branch of a plain job',
    { ...jenkins, GIT_BRANCH: 'origin/main' },
    undefined,
    { kind: 'push', branch: 'main', isForced: false },
  ],
  [
    'a tag on Jenkins',
    { ...jenkins, BRANCH_NAME: 'v1', TAG_NAME: 'v1' },
    undefined,
    { kind: 'tag', tag: 'v1' },
  ],
  ['a laptop', { GITHUB_REF: 'refs/heads/main' }, undefined, { kind: 'none' }],
  ['another CI system', { CI: 'true', BRANCH_NAME: 'main' }, undefined, { kind: 'none' }],
];

it.each(cases)('%s', (_what, env, payload, event) => {
  expect(ciEventOf(env, payload)).toEqual(event);
});

it('no payload makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (payload) => {
      const event = ciEventOf({ ...github, GITHUB_REF: 'refs/heads/main' }, payload);
      return event.kind === 'push' && event.branch === 'main';
    }),
  );
});
