import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { mustRun } from '../workspace/run.mjs';
import { combinationsOf, pullRequestEvent, pushEvent, runWorkflow } from './workflow-run.mjs';
import { valuesOf } from './workflow-job.mjs';

let folder;
let repository;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workflow test '));
  repository = join(folder, 'the repository');
  await mkdir(repository);
  await git('init', '-q', '-b', 'main');
  await commit('first', { 'a.txt': 'one\n' });
  await commit('second', { 'a.txt': 'two\n' });
  await commit('an action', {
    '.github/actions/greet/action.yml': `
name: Greet
inputs:
  who: { required: true }
  sign: { default: '!' }
outputs:
  greeting: { value: '\${{ steps.say.outputs.text }}' }
runs:
  using: composite
  steps:
    - id: say
      shell: bash
      run: echo "text=Hello \${{ inputs.who }}\${{ inputs.sign }}" >> "$GITHUB_OUTPUT"
    - shell: bash
      run: echo GREETED=yes >> "$GITHUB_ENV"
`,
  });
  await git('switch', '-q', '-c', 'topic');
  await commit('topic', { 'b.txt': 'topic\n' });
  await git('switch', '-q', 'main');
});
after(() => rm(folder, { recursive: true, force: true }));

const git = (...args) =>
  mustRun('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: repository });

async function commit(message, files) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), text);
  }
  await git('add', '-A');
  await git('commit', '-q', '-m', message);
}

let count = 0;
async function run(jobs, { event = 'push', cache = `cache ${++count}`, on = 'push', ...options } = {}) {
  const what =
    event === 'push'
      ? await pushEvent(repository)
      : event === 'pull_request'
        ? await pullRequestEvent(repository, { number: 7, head: 'topic' })
        : { event };
  return runWorkflow({
    workflowText: `on: ${on}\n${jobs}`,
    repository,
    cacheFolder: join(folder, cache),
    workFolder: join(folder, `run ${++count}`),
    ...what,
    ...options,
  });
}
const conclusions = ({ jobs }) => Object.fromEntries(jobs.map(({ name, conclusion }) => [name, conclusion]));
const outputOf = ({ jobs }, job, step) =>
  jobs.find(({ name }) => name === job).steps.find(({ name }) => name === step).output;

test('steps hand on variables, outputs, paths and a summary; each level of env wins over the one before', async () => {
  const result = await run(
    `
env: { LEVEL: workflow, ONE: 'yes' }
jobs:
  a:
    runs-on: ubuntu-latest
    env: { LEVEL: job, TWO: 'yes' }
    outputs: { word: '\${{ steps.out.outputs.word }}', lines: '\${{ steps.out.outputs.lines }}' }
    steps:
      - id: out
        run: |
          echo word=\${{ vars.WORD }} >> "$GITHUB_OUTPUT"
          printf 'lines<<END\\nx\\ny\\nEND\\n' >> "$GITHUB_OUTPUT"
          echo SET=later >> "$GITHUB_ENV"
          mkdir -p "$RUNNER_TEMP/bin"; printf '#!/bin/sh\\necho tool ran\\n' > "$RUNNER_TEMP/bin/tool"; chmod +x "$RUNNER_TEMP/bin/tool"
          echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
          echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
          echo "SET is [$SET]"
      - name: look
        env: { LEVEL: step }
        run: echo "$LEVEL $ONE $TWO $SET \${{ env.LEVEL }} $(pwd)"; tool
      - name: secret
        run: echo "it is \${{ secrets.KEY }}"
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - name: see
        run: echo '\${{ needs.a.outputs.word }} \${{ toJSON(needs.a.outputs.lines) }}' "[$SET] $GITHUB_EVENT_NAME $GITHUB_REF_NAME"; test -f "$GITHUB_EVENT_PATH"
`,
    { vars: { WORD: 'bird' }, secrets: { KEY: 'hush' } },
  );
  assert.equal(result.conclusion, 'success', JSON.stringify(result.jobs, null, 2));
  assert.match(outputOf(result, 'a', 'look'), /^step yes yes later step .* .*\ntool ran\n$/);
  assert.equal(outputOf(result, 'a', 'secret'), 'it is ***\n');
  assert.equal(outputOf(result, 'b', 'see'), 'bird "x\\ny" [] push main\n');
  assert.equal(result.summary, '# Summary\n');
});

test('a failed step skips the rest, except what asks for it; jobs after it are skipped, transitively', async () => {
  const result = await run(`
jobs:
  a:
    runs-on: x
    steps:
      - { id: bad, name: bad, run: exit 3, continue-on-error: true }
      - { name: tolerated, run: 'echo \${{ steps.bad.outcome }} \${{ steps.bad.conclusion }}' }
      - { name: worse, run: 'false | true; exit 4' }
      - { name: skipped, run: echo }
      - { name: on failure, if: failure(), run: echo }
      - { name: always, if: '\${{ always() && steps.bad.outcome == ''failure'' }}', run: echo }
  b: { needs: a, runs-on: x, steps: [{ run: echo }] }
  c: { needs: b, if: always(), runs-on: x, steps: [{ run: echo }] }
  d: { needs: [c], runs-on: x, steps: [{ run: echo }] }
  e: { needs: [c], if: '!cancelled() && needs.c.result == ''success''', runs-on: x, steps: [{ run: echo }] }
`);
  assert.deepEqual(conclusions(result), {
    a: 'failure',
    b: 'skipped',
    c: 'success',
    d: 'skipped',
    e: 'success',
  });
  assert.equal(result.conclusion, 'failure');
  assert.deepEqual(
    result.jobs[0].steps.map(({ name, code, conclusion }) => [name, code, conclusion]),
    [
      ['bad', 3, 'success'],
      ['tolerated', 0, 'success'],
      ['worse', 4, 'failure'],
      ['skipped', 0, 'skipped'],
      ['on failure', 0, 'success'],
      ['always', 0, 'success'],
    ],
  );
  assert.equal(outputOf(result, 'a', 'tolerated'), 'failure success\n');
});

const planned = (shards, failing = 'none') => `
jobs:
  plan:
    runs-on: x
    outputs: { matrix: '\${{ steps.p.outputs.matrix }}', any: '\${{ steps.p.outputs.any }}' }
    steps:
      - id: p
        run: |
          echo 'matrix={"include":[${shards.map((each) => `{"shard":"${each}"}`)}]}' >> "$GITHUB_OUTPUT"
          echo any=${shards.length > 0} >> "$GITHUB_OUTPUT"
  check:
    needs: plan
    if: needs.plan.outputs.any == 'true'
    name: check \${{ matrix.shard }}
    runs-on: \${{ matrix.shard == 'gpu' && fromJSON('["self-hosted","gpu"]') || 'ubuntu-latest' }}
    strategy: { fail-fast: false, matrix: '\${{ fromJSON(needs.plan.outputs.matrix) }}' }
    steps:
      - run: mkdir -p .mlops/ci/out/\${{ matrix.shard }}/results/m/.mlops; echo r > .mlops/ci/out/\${{ matrix.shard }}/results/m/.mlops/gate.json; echo e > .mlops/ci/out/\${{ matrix.shard }}/run.json; test \${{ matrix.shard }} != ${failing}
      - if: always()
        uses: actions/upload-artifact@v4
        with: { name: 'out-\${{ matrix.shard }}', path: .mlops/ci/out, include-hidden-files: true }
  report:
    needs: [plan, check]
    if: always()
    runs-on: x
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: out-*, path: .mlops/ci/out, merge-multiple: true }
      - { name: list, run: 'cd .mlops/ci && find . -type f | sort; echo \${{ needs.check.result }}' }
`;

test('a matrix from the output of a job; artifacts carry what they were told to, hidden files too', async () => {
  const result = await run(planned(['1', 'gpu']));
  assert.deepEqual(conclusions(result), {
    plan: 'success',
    'check 1': 'success',
    'check gpu': 'success',
    report: 'success',
  });
  assert.deepEqual(result.jobs[2].runsOn, ['self-hosted', 'gpu']);
  assert.deepEqual(result.artifacts, ['out-1', 'out-gpu']);
  assert.equal(
    outputOf(result, 'report', 'list'),
    [
      './out/1/results/m/.mlops/gate.json',
      './out/1/run.json',
      './out/gpu/results/m/.mlops/gate.json',
      './out/gpu/run.json',
      'success\n',
    ].join('\n'),
  );
});

test('a red shard leaves the others going and is seen by the job after them', async () => {
  const result = await run(planned(['1', '2'], '1'));
  assert.deepEqual(conclusions(result), {
    plan: 'success',
    'check 1': 'failure',
    'check 2': 'success',
    report: 'success',
  });
  assert.match(outputOf(result, 'report', 'list'), /failure\n$/);
  assert.equal(result.conclusion, 'failure');
});

test('no shard, no check', async () => {
  const result = await run(planned([]));
  // As on GitHub, the name of a job that never started keeps its expression.
  assert.deepEqual(conclusions(result), {
    plan: 'success',
    'check ${{ matrix.shard }}': 'skipped',
    report: 'success',
  });
});

test('hidden files stay out of an artifact unless asked for, and a name is taken once', async () => {
  const upload = (extra = '') => `{ uses: actions/upload-artifact@v4, with: { name: n, path: out${extra} } }`;
  const result = await run(`
jobs:
  a:
    runs-on: x
    steps:
      - run: mkdir -p out/.hidden out/seen; echo > out/.hidden/a; echo > out/seen/b
      - ${upload()}
      - { name: again, uses: actions/upload-artifact@v4, with: { name: n, path: out } }
`);
  assert.ok(existsSync(join(result.artifactFolder, 'n/seen/b')));
  assert.ok(!existsSync(join(result.artifactFolder, 'n/.hidden')));
  assert.match(outputOf(result, 'a', 'again'), /already exists/);
});

test('checkout is as shallow as it is told to be, on a pull request at its merge commit', async () => {
  const jobs = (depth) => `
jobs:
  a:
    runs-on: x
    steps:
      - { uses: actions/checkout@v4, with: { fetch-depth: ${depth} } }
      - { name: look, run: 'git rev-list --count HEAD; git branch -a --format "%(refname)"; ls; git rev-parse HEAD; echo $GITHUB_SHA $GITHUB_BASE_REF' }
`;
  const shallow = await run(jobs(1));
  assert.match(outputOf(shallow, 'a', 'look'), /^1\nrefs\/heads\/main\nrefs\/remotes\/origin\/main\na.txt\n/);
  const whole = await run(jobs(0), { event: 'pull_request', on: 'pull_request' });
  const lines = outputOf(whole, 'a', 'look').split('\n');
  assert.equal(lines[0], '5');
  assert.ok(
    lines.includes('refs/remotes/origin/topic') && lines.includes('refs/remotes/origin/main'),
    lines.join('\n'),
  );
  assert.ok(lines.includes('b.txt'));
  assert.equal(`${lines.at(-3)} main`, lines.at(-2));
});

const cached = (key) => `
jobs:
  a:
    runs-on: x
    steps:
      - { id: c, uses: actions/cache@v4, with: { path: "store\\n~/.kept", key: ${key}, restore-keys: k- } }
      - { name: look, run: 'echo "[\${{ steps.c.outputs.cache-hit }}]"; cat store/f ~/.kept/g || true; mkdir -p store ~/.kept; echo ${key} > store/f; echo ${key} > ~/.kept/g' }
`;

test('a cache is written once, found by prefix, and what a pull request wrote is not seen by main', async () => {
  const seen = async (key, event = 'push') =>
    outputOf(await run(cached(key), { cache: 'shared', event, on: event }), 'a', 'look');
  assert.match(await seen('k-1'), /^\[\]\n/);
  assert.equal(await seen('k-1'), '[true]\nk-1\nk-1\n');
  assert.equal(await seen('k-2', 'pull_request'), '[false]\nk-1\nk-1\n');
  assert.equal(await seen('k-2', 'pull_request'), '[true]\nk-2\nk-2\n');
  assert.equal(await seen('k-3'), '[false]\nk-1\nk-1\n');
});

test('a composite action has inputs, outputs and leaves its variables', async () => {
  const result = await run(`
jobs:
  a:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
      - { id: g, uses: ./.github/actions/greet, with: { who: you } }
      - { name: look, run: 'echo "\${{ steps.g.outputs.greeting }} $GREETED"' }
`);
  assert.equal(outputOf(result, 'a', 'look'), 'Hello you! yes\n');
});

test('a protected environment lets through, waits or rejects; jobs after it do so, too', async () => {
  const jobs = `
concurrency: { group: 'deploy-\${{ github.ref }}', cancel-in-progress: false }
jobs:
  deploy: { runs-on: x, environment: production, concurrency: production, steps: [{ run: 'echo "\${{ secrets.OWN }}"' }] }
  next: { needs: deploy, runs-on: x, steps: [{ run: echo }] }
`;
  const go = (environments) => run(jobs, { environments });
  const waiting = await go({ production: {} });
  assert.deepEqual(conclusions(waiting), { deploy: 'waiting', next: 'waiting' });
  assert.equal(waiting.conclusion, 'waiting');
  const rejected = await go({ production: { approve: false } });
  assert.deepEqual(conclusions(rejected), { deploy: 'failure', next: 'skipped' });
  const approved = await go({ production: { approve: true, secrets: { OWN: 'own' } } });
  assert.deepEqual(conclusions(approved), { deploy: 'success', next: 'success' });
  assert.equal(approved.jobs[0].steps[0].output, '***\n');
  assert.deepEqual(approved.jobs[0].concurrency, { group: 'production', cancelInProgress: false });
  assert.deepEqual(approved.concurrency, { group: 'deploy-refs/heads/main', cancelInProgress: false });
});

test('a run that waited goes on after the approval: what ran does not run again, and its files are there', async () => {
  const jobs = `
jobs:
  build:
    runs-on: x
    outputs: { at: '\${{ steps.b.outputs.at }}' }
    steps:
      - { id: b, run: 'echo one > made.txt; echo "at=$(date +%s%N)" >> "$GITHUB_OUTPUT"; echo built >> "$GITHUB_STEP_SUMMARY"' }
      - { uses: actions/upload-artifact@v4, with: { name: made, path: made.txt } }
  skipped: { if: false, runs-on: x, steps: [{ run: echo }] }
  approve: { needs: [build, skipped], if: '!cancelled()', runs-on: x, environment: production, steps: [{ run: echo }] }
  deploy:
    needs: [approve, build]
    if: "!cancelled() && needs.approve.result == 'success'"
    runs-on: x
    steps:
      - { uses: actions/download-artifact@v4, with: { name: made } }
      - { name: see, run: 'cat made.txt; echo "\${{ needs.build.outputs.at }} \${{ github.sha }}"' }
`;
  const waiting = await run(jobs, { environments: { production: {} } });
  assert.equal(waiting.conclusion, 'waiting');
  await commit('pushed while it waits', { 'c.txt': 'three\n' });
  const approved = await run(jobs, { environments: { production: { approve: true } }, resume: waiting });
  assert.deepEqual(conclusions(approved), {
    build: 'success',
    skipped: 'skipped',
    approve: 'success',
    deploy: 'success',
  });
  assert.equal(outputOf(approved, 'deploy', 'see'), `one\n${waiting.jobs[0].outputs.at} ${waiting.sha}\n`);
  assert.equal(approved.summary, 'built\n');
});

test('the install command is the caller’s', async () => {
  let where;
  const result = await run(
    `jobs: { a: { runs-on: x, steps: [{ run: npm ci --no-audit }, { run: cat installed }] } }`,
    {
      install: async (path) => {
        where = path;
        await writeFile(join(path, 'installed'), 'tree');
      },
    },
  );
  assert.equal(result.jobs[0].steps[1].output, 'tree');
  assert.match(where, / /);
});

test('an event that the workflow does not name runs nothing; schedules and inputs are there', async () => {
  const on = `{ push: { branches: [main] }, schedule: [{ cron: '1 2 * * *' }], workflow_dispatch: { inputs: { model: { required: true }, dry: { type: boolean } } } }`;
  const jobs = `jobs: { a: { if: "github.event_name != 'schedule' || github.event.schedule == '1 2 * * *'", runs-on: x, steps: [{ run: 'echo "\${{ inputs.model }} \${{ !inputs.dry }}"' }] } }`;
  assert.equal((await run(jobs, { on, event: 'pull_request' })).triggered, false);
  assert.equal(
    (await run(jobs, { on, event: 'schedule', payload: { schedule: '1 2 * * *' } })).conclusion,
    'success',
  );
  const manual = await run(jobs, {
    on,
    event: 'workflow_dispatch',
    payload: { inputs: { model: 'm', dry: 'true' } },
  });
  assert.equal(manual.jobs[0].steps[0].output, 'm false\n');
  await assert.rejects(
    () => run(jobs, { on, event: 'workflow_dispatch', payload: { inputs: {} } }),
    /model is required/,
  );
});

const errors = [
  [
    'an action without a stand-in',
    '{ uses: owner/thing@v1 }',
    /owner\/thing@v1, for which there is no stand-in/,
  ],
  ['an input that is not known', '{ uses: actions/checkout@v4, with: { depth: 1 } }', /no input depth/],
  [
    'an artifact that is not there',
    '{ uses: actions/download-artifact@v4, with: { name: no } }',
    /Artifact not found/,
  ],
  ['an expression that cannot be read', "{ run: 'echo ${{ nothing.here }}' }", /nothing/],
  ['a line of GITHUB_OUTPUT without =', '{ run: echo word >> "$GITHUB_OUTPUT" }', /Invalid format 'word'/],
];
for (const [what, step, message] of errors)
  test(`${what} fails the step by name`, async () => {
    const result = await run(`jobs: { a: { runs-on: x, steps: [${step}] } }`);
    assert.equal(result.conclusion, 'failure');
    assert.match(result.jobs[0].steps[0].output, message);
  });

test('the environment of this process stays out', async () => {
  process.env.NX_MLOPS_LEAK = 'yes';
  const result = await run(`jobs: { a: { runs-on: x, steps: [{ run: 'echo "[$NX_MLOPS_LEAK] $HOME"' }] } }`);
  delete process.env.NX_MLOPS_LEAK;
  assert.match(result.jobs[0].steps[0].output, /^\[\] .*home\n$/);
  assert.equal(await readFile(join(repository, 'a.txt'), 'utf8'), 'two\n');
});

const matrices = [
  [undefined, [undefined]],
  [
    { a: [1, 2], b: ['x'] },
    [
      { a: 1, b: 'x' },
      { a: 2, b: 'x' },
    ],
  ],
  [{ a: [1, 2], exclude: [{ a: 1 }] }, [{ a: 2 }]],
  [{ a: [1, 2], include: [{ a: 2, more: true }, { a: 3 }] }, [{ a: 1 }, { a: 2, more: true }, { a: 3 }]],
  [{ include: [{ shard: '1' }, { shard: '2' }] }, [{ shard: '1' }, { shard: '2' }]],
];
for (const [matrix, combinations] of matrices)
  test(`the matrix ${JSON.stringify(matrix)}`, () => assert.deepEqual(combinationsOf(matrix), combinations));

test('an empty matrix is an error, as on GitHub', () => {
  assert.throws(() => combinationsOf({ shard: [] }), /does not contain any values/);
  assert.throws(() => combinationsOf({ include: [] }), /at least one vector/);
});

test('values of a command file', () => {
  assert.deepEqual(valuesOf('a=1=2\nb<<X\n1\n\n2\nX\nc=\n', 'f'), { a: '1=2', b: '1\n\n2', c: '' });
  assert.throws(() => valuesOf('b<<X\n1\n', 'f'), /no line X/);
});
