import execa from 'execa';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMPTY_TREE } from '../ci/base/empty-tree';
import { GitRepository } from '../ci/git-repository.fixture';

// Each case starts a process that loads TypeScript.
jest.setTimeout(120_000);

/** A workspace with a commit, and an nx that does as told. */
function workspace(nx = ''): GitRepository {
  const repository = GitRepository.empty();
  repository.write('mlops.json', JSON.stringify({ environments: [{ name: 'production' }] }));
  repository.write('nx.json', '{ "defaultBase": "origin/main" }');
  repository.write('node_modules/nx/package.json', JSON.stringify({ name: 'nx', bin: { nx: './nx.js' } }));
  repository.write('node_modules/nx/nx.js', nx);
  repository.write('.gitignore', 'node_modules\n.mlops\n');
  repository.git('add', '-A');
  repository.commit('First');
  return repository;
}

function mlops(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return bin(folder, ['ci', ...args], env);
}

function bin(folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return execa(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), join(__dirname, 'nx-mlops.ts'), ...args],
    {
      cwd: folder,
      reject: false,
      extendEnv: false,
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
    },
  );
}

it('ci base prints what to compare, and sets it for the steps that follow on GitHub', async () => {
  const repository = workspace();
  const head = repository.git('rev-parse', 'HEAD');
  const file = join(repository.folder, 'github.env');
  writeFileSync(file, 'A=1\n');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_REF: 'refs/heads/main', GITHUB_ENV: file };
  const { stdout, stderr, exitCode } = await mlops(repository.folder, ['base'], env);
  const lines = `NX_BASE=4b825dc642cb6eb9a060e54bf8d69288fbee4904\nNX_HEAD=${head}`;
  expect([exitCode, stdout]).toEqual([0, lines]);
  expect(stderr).toMatch(/no green pipeline of main/);
  expect(readFileSync(file, 'utf8')).toBe(`A=1\n${lines}\n`);
});

it('ci run has the exit code of nx and the targets of mlops.json, and ci collect takes what it left', async () => {
  const repository = workspace('console.log(process.argv.slice(2, 4).join(" ")); process.exit(3);');
  const env = { GITHUB_ACTIONS: 'true' };
  const { stdout, exitCode } = await mlops(repository.folder, ['run', '--all'], env);
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^> nx affected -t lint test build validate test-model gate /m);
  const collected = await mlops(repository.folder, ['collect', '--green'], {
    ...env,
    GITHUB_REF: 'refs/heads/main',
  });
  expect(collected.stdout).toMatch(/1 job \(check\)[^]*last green commit of main/);
  const green = repository.git('rev-parse', 'HEAD');
  repository.git('commit', '-q', '--allow-empty', '-m', 'Next');
  expect(
    (await mlops(repository.folder, ['base'], { ...env, GITHUB_REF: 'refs/heads/main' })).stdout,
  ).toMatch(`NX_BASE=${green}`);
});

describe('the report of a pipeline', () => {
  /** Knows one model, and notes what is asked of affected ones. */
  const nx = `const { appendFileSync, writeFileSync } = require('node:fs');
    const [command, ...args] = process.argv.slice(2);
    const model = { data: { root: 'ml', targets: { gate: { executor: 'nx-mlops:gate' } } } };
    if (command === 'graph') {
      const graph = { nodes: { model }, dependencies: {} };
      writeFileSync(args[0].slice('--file='.length), JSON.stringify({ graph }));
    } else {
      appendFileSync('asked', args.join(' '));
      console.log('[]');
    }`;
  const gitlab = { GITLAB_CI: 'true', CI_COMMIT_BRANCH: 'main' };

  it.each([
    ['what the check does', [], gitlab, (head: string) => `--base=${EMPTY_TREE} --head=${head}`],
    ['what NX_BASE says', [], { ...gitlab, NX_BASE: 'HEAD' }, () => ''],
    ['what its options say', ['--base=HEAD'], gitlab, () => '--base=HEAD'],
    ['what nx.json says on a laptop', [], {}, () => ''],
  ])('compares with %s', async (_what, options, env, expected) => {
    const repository = workspace(nx);
    const { stdout, stderr, exitCode } = await bin(repository.folder, ['report', ...options], env);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/No model is affected/);
    const asked = readFileSync(join(repository.folder, 'asked'), 'utf8');
    const head = repository.git('rev-parse', 'HEAD');
    expect(asked).toBe(`projects --affected --with-target=gate --json ${expected(head)}`.trim());
  });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ci run passes %s on to nx', async (signal, code) => {
  const repository = workspace(
    `process.on('SIGTERM', () => { require('node:fs').writeFileSync('told', ''); process.exit(1); });
     setInterval(() => {}, 1000); console.log('at work');`,
  );
  const child = mlops(repository.folder, ['run', '--all'], { GITHUB_ACTIONS: 'true' });
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (text) => String(text).includes('at work') && resolve());
    void child.then(() => resolve());
  });
  child.kill(signal);
  expect((await child).exitCode).toBe(code);
  expect(existsSync(join(repository.folder, 'told'))).toBe(true);
  expect(existsSync(join(repository.folder, '.mlops/ci/out/check/job.json'))).toBe(true);
});

it.each([
  [['run', '--shard=1'], /MLOPS_CI_PLAN .*ci plan first/],
  [['run', '--max-cache-size=much'], /MLOPS_USAGE/],
  [['run', '--job=../x', '--all'], /MLOPS_USAGE .*cannot name a job/],
  [['base', '--base=nowhere'], /MLOPS_CI_GIT/],
])('refuses %j', async (args, message) => {
  const { stderr, exitCode } = await mlops(workspace().folder, args);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(message);
});

it('works outside of CI without a cache folder of its own for Nx', async () => {
  const repository = workspace();
  mkdirSync(join(repository.folder, 'apps'));
  const env = { NX_WORKSPACE_ROOT_PATH: repository.folder };
  const { exitCode } = await mlops(join(repository.folder, 'apps'), ['run', '--all'], env);
  expect(exitCode).toBe(0);
  expect(existsSync(join(repository.folder, '.mlops/ci/out/check/job.json'))).toBe(true);
  expect(existsSync(join(repository.folder, '.mlops/ci/nx'))).toBe(false);
});
