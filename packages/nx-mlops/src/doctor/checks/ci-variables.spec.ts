import { examine, type Examined } from '../examine.fixture';
import { ciVariablesCheck } from './ci-variables';

const event = { 'event.json': { pull_request: { number: 12 } } };
const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_EVENT_PATH: '<root>/event.json',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_ACTOR: 'ann',
};
const gitlab = { GITLAB_CI: 'true', CI_PROJECT_ID: '7', GITLAB_USER_LOGIN: 'ann' };
const approvals = { 'mlops.json': { environments: [{ name: 'production', approvals: 1 }] } };

it.each<[string, Examined, readonly RegExp[]]>([
  ['a laptop', { env: { USER: 'ann' } }, [/^skipped CI system: this is no CI job/, /^skipped/, /^ok actor/]],
  ['a laptop as CI', { ci: true }, [/^skipped CI system: judged as in CI/, /^skipped/, /^ok actor/]],
  [
    'GitHub, a pull request',
    { files: event, env: { ...github, GITHUB_TOKEN: 'ghs_secret' } },
    [
      /^ok CI system: GitHub Actions/,
      /^ok report comment: goes to number 12; there is a token$/,
      /^ok actor: ann$/,
    ],
  ],
  [
    'GitHub, a pull request without a token',
    { files: event, env: { ...github, GITHUB_TOKEN: '', GITHUB_STEP_SUMMARY: '/s' } },
    [/^ok/, /^warning report comment: .*no GITHUB_TOKEN.* the report is in the job's summary/, /^ok/],
  ],
  [
    'GitHub, a push',
    { env: { ...github, GITHUB_REF: 'refs/heads/main' } },
    [/^ok/, /^skipped report comment/, /^ok/],
  ],
  [
    'GitLab, a merge request',
    { env: { ...gitlab, CI_MERGE_REQUEST_IID: '3', MLOPS_GITLAB_TOKEN: 'glpat-secret' } },
    [/^ok CI system: GitLab CI/, /^ok report comment: goes to number 3/, /^ok actor: ann$/],
  ],
  [
    'GitLab, a merge request with the job token alone',
    { env: { ...gitlab, CI_MERGE_REQUEST_IID: '3', CI_JOB_TOKEN: 'job-secret' } },
    [/^ok/, /^warning report comment: .*CI_JOB_TOKEN may not write notes.* its file and the log/, /^ok/],
  ],
  ['GitLab, a branch', { env: gitlab }, [/^ok/, /^skipped report comment/, /^ok/]],
  [
    'Jenkins, a pull request',
    {
      env: { JENKINS_URL: 'https://j/', CHANGE_ID: '5', GITHUB_TOKEN: 'ghs_secret', BUILD_USER: 'ann' },
      files: approvals,
    },
    [/^ok CI system: Jenkins/, /^ok report comment: GITHUB_TOKEN is set; say/, /^ok actor: ann$/],
  ],
  [
    'Jenkins, a pull request without a token, and approvals by nobody',
    { env: { JENKINS_URL: 'https://j/', CHANGE_ID: '5' }, files: approvals },
    [
      /^ok/,
      /^warning report comment: .*withCredentials/,
      /^warning actor: "production" asks for approvals.*build user vars/,
    ],
  ],
  [
    'Jenkins, a branch',
    { env: { JENKINS_URL: 'https://j/' } },
    [/^ok/, /^skipped report comment/, /^ok actor/],
  ],
])('%s', async (_, options, lines) => {
  const found = await examine(ciVariablesCheck, options);
  expect(found).toEqual(lines.map((line) => expect.stringMatching(line)));
  expect(found.join('\n')).not.toMatch(/secret/);
});
