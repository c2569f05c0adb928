import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { greenCommits } from './green-commits';

const one = 'a'.repeat(40);
const two = 'b'.repeat(40);
let server: Server;
let asked: IncomingMessage[];
let answers: { status: number; body: unknown }[];
let printed: string[];

beforeEach(async () => {
  [asked, answers, printed] = [[], [], []];
  server = createServer((request, response) => {
    asked.push(request);
    const { status, body } = answers.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const github = () => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_API_URL: url(),
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_TOKEN: 'a token',
  GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/ml ci.yml@refs/heads/main',
});
const gitlab = () => ({
  GITLAB_CI: 'true',
  CI_API_V4_URL: `${url()}/api/v4`,
  CI_PROJECT_ID: '34',
  GITLAB_TOKEN: 'a token',
});
const ask = (env: NodeJS.ProcessEnv, recorded?: string) =>
  greenCommits({
    ...{ env, recorded, branch: 'release/1 & 2' },
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    retries: { attempts: 2, firstWait: 1 },
  });

it('asks GitHub for the green runs of this workflow on this branch', async () => {
  answers = [{ status: 200, body: { workflow_runs: [{ head_sha: two }, { head_sha: one }] } }];
  expect(await ask(github())).toEqual({ commits: [two, one], source: 'GitHub' });
  const at = new URL(asked[0]?.url ?? '', url());
  expect(at.pathname).toBe('/repos/acme/shop/actions/workflows/ml%20ci.yml/runs');
  expect(Object.fromEntries(at.searchParams)).toMatchObject({
    ...{ branch: 'release/1 & 2', status: 'success', event: 'push' },
  });
  expect(asked[0]?.headers.authorization).toBe('Bearer a token');
});

it('asks GitLab for the green pipelines of this branch', async () => {
  answers = [{ status: 200, body: [{ sha: two, id: 2 }] }];
  expect(await ask(gitlab())).toEqual({ commits: [two], source: 'GitLab' });
  const at = new URL(asked[0]?.url ?? '', url());
  expect(at.pathname).toBe('/api/v4/projects/34/pipelines');
  expect(Object.fromEntries(at.searchParams)).toMatchObject({ ref: 'release/1 & 2', status: 'success' });
  expect(asked[0]?.headers['private-token']).toBe('a token');
});

it('tries again, and takes an empty answer for one', async () => {
  answers = [
    { status: 502, body: {} },
    { status: 200, body: { workflow_runs: [] } },
  ];
  expect(await ask(github(), one)).toEqual({ commits: [], source: 'GitHub' });
  expect(printed.join()).toMatch(/GitHub: status 502.*trying again/);
});

it.each([
  ['a refusal, with the permission that is missing', { status: 403, body: {} }, /actions: read/],
  ['another form', { status: 200, body: { runs: [] } }, /another form/],
])('falls back on the state after %s', async (_what, answer, line) => {
  answers = [answer];
  expect(await ask(github(), one)).toEqual({ commits: [one], source: '.mlops/ci/state.json' });
  expect(printed.join()).toMatch(line);
});

it('asks nobody without a token', async () => {
  expect(await ask({ ...github(), GITHUB_TOKEN: '' }, one)).toMatchObject({ commits: [one] });
  expect(await ask({ ...gitlab(), GITLAB_TOKEN: '' })).toMatchObject({ commits: [] });
  expect(asked).toEqual([]);
});

it('takes the word of Jenkins', async () => {
  const env = { JENKINS_URL: 'x', GIT_PREVIOUS_SUCCESSFUL_COMMIT: two };
  expect(await ask(env, one)).toEqual({ commits: [two], source: 'Jenkins' });
});
