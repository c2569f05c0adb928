import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mustRun } from '../workspace/run.mjs';
import { branchPush, gitlabClone, mergeRequest, runGitlab } from './gitlab.mjs';
import { reasonAgainst } from './programs.mjs';

const reason = reasonAgainst('gitlab');
if (reason !== undefined && process.env.CI === 'true') throw new Error(reason);
const gitlab = (name, work) => test(name, { skip: reason ?? false }, work);

const pipeline = `
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
stages: [plan, check, report, deploy]
default:
  cache:
    key: state
    paths: [.mlops/ci/cache]
plan:
  stage: plan
  script:
    - echo "$CI_PIPELINE_SOURCE [$CI_COMMIT_BRANCH] [$CI_MERGE_REQUEST_IID] [$CI_MERGE_REQUEST_DIFF_BASE_SHA] [$LEAK] [$GITLAB_CI]"
    - npm ci
    - cat node_modules/marker
    - mkdir -p .mlops/ci/cache && echo run >> .mlops/ci/cache/runs && wc -l < .mlops/ci/cache/runs
    - echo planned > .mlops/ci/plan.json
  artifacts: { paths: [.mlops/ci/plan.json] }
check:
  stage: check
  needs: [plan]
  parallel:
    matrix:
      - SHARD: ['1', '2']
  script:
    - cat .mlops/ci/plan.json
    - mkdir -p .mlops/ci/out/$SHARD && echo $SHARD > .mlops/ci/out/$SHARD/run.json
    - test "$SHARD" != "$FAILING"
  artifacts: { when: always, paths: [.mlops/ci/out] }
report:
  stage: report
  when: always
  needs: [check]
  script: [ls .mlops/ci/out]
deploy:
  stage: deploy
  needs: [report]
  environment: production
  resource_group: production
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      when: manual
  script: [echo deployed]
`;

let folder;
let repository;
let installed;
let clone;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitlab test '));
  repository = join(folder, 'the repository');
  installed = join(folder, 'installed tree');
  clone = join(folder, 'a clone');
  await mkdir(join(installed, 'node_modules'), { recursive: true });
  await writeFile(join(installed, 'node_modules/marker'), 'installed\n');
  await mkdir(repository);
  await writeFile(join(repository, '.gitignore'), 'node_modules/\n.mlops/\n.gitlab-ci-local/\n');
  await writeFile(join(repository, '.gitlab-ci.yml'), pipeline);
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'first');
  await git('switch', '-q', '-c', 'topic');
  await git('commit', '-q', '--allow-empty', '-m', 'topic');
});
after(() => rm(folder, { recursive: true, force: true }));
const git = (...args) =>
  mustRun('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: repository });
const codes = ({ jobs }) => Object.fromEntries(jobs.map(({ name, code }) => [name, code]));
const outputOf = ({ jobs }, name) => jobs.find((job) => job.name === name).output;

gitlab('main: jobs in order, artifacts, cache, the manual job on demand', async () => {
  await gitlabClone(repository, clone);
  process.env.LEAK = 'yes';
  const first = await runGitlab({ folder: clone, installed, ...branchPush() });
  delete process.env.LEAK;
  assert.equal(first.code, 0, first.output);
  assert.deepEqual(codes(first), { plan: 0, 'check: [1]': 0, 'check: [2]': 0, report: 0, deploy: undefined });
  assert.match(outputOf(first, 'plan'), /^push \[main\] \[\] \[\] \[\] \[true\]$/m);
  assert.match(outputOf(first, 'plan'), /^installed$/m);
  assert.match(outputOf(first, 'plan'), /^1$/m);
  assert.match(outputOf(first, 'report'), /^1\n2$/m);
  const second = await runGitlab({ folder: clone, installed, ...branchPush(), manual: ['deploy'] });
  assert.match(outputOf(second, 'plan'), /^2$/m);
  assert.equal(codes(second).deploy, 0);
  const third = await runGitlab({ folder: clone, ...branchPush(), jobs: ['deploy'] });
  assert.deepEqual(codes(third), {
    plan: undefined,
    'check: [1]': undefined,
    'check: [2]': undefined,
    report: undefined,
    deploy: 0,
  });
});

gitlab('a merge request: its variables, no deployment, a red shard and the report all the same', async () => {
  await gitlabClone(repository, clone, { branch: 'topic' });
  const request = await mergeRequest(clone, { iid: 7, source: 'topic' });
  const green = await runGitlab({ folder: clone, installed, ...request, list: true });
  assert.deepEqual(
    green.jobs.map(({ name, stage }) => [name, stage]),
    [
      ['plan', 'plan'],
      ['check: [1]', 'check'],
      ['check: [2]', 'check'],
      ['report', 'report'],
    ],
  );
  const red = await runGitlab({
    folder: clone,
    installed,
    ...request,
    variables: { ...request.variables, FAILING: '2' },
  });
  assert.notEqual(red.code, 0);
  assert.deepEqual(codes(red), { plan: 0, 'check: [1]': 0, 'check: [2]': 1, report: 0 });
  assert.match(outputOf(red, 'plan'), /^merge_request_event \[\] \[7\] \[[0-9a-f]{40}\] \[\] \[true\]$/m);
});

gitlab('workflow:rules decide whether there is a pipeline; a bad file says so', async () => {
  await gitlabClone(repository, clone, { branch: 'topic' });
  const none = await runGitlab({ folder: clone, ...branchPush({ branch: 'topic' }) });
  assert.deepEqual([none.code, none.created, none.jobs], [0, false, []]);
  await writeFile(join(clone, '.gitlab-ci.yml'), pipeline.replace('stage: report', 'stagee: report'));
  const bad = await runGitlab({ folder: clone, ...branchPush() });
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /stage/);
});
