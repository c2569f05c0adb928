import execa from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { openRegistry } from '@nx-mlops/core';
import { registered } from '../rollout/registered.fixture';
import { report } from './commands/report';

tmp.setGracefulCleanup();
// Each case starts a process that loads TypeScript.
jest.setTimeout(60_000);
const repository = join(__dirname, '../../../..');

/** The specs may run in CI themselves. */
const noCi = { CI: undefined, GITHUB_ACTIONS: undefined, GITLAB_CI: undefined, JENKINS_URL: undefined };

/** The bin as its sources have it, without a build. */
function bin(args: readonly string[], cwd = repository, env: NodeJS.ProcessEnv = {}) {
  const loader = require.resolve('tsx/cjs');
  return execa(process.execPath, ['--require', loader, join(__dirname, 'nx-mlops.ts'), ...args], {
    cwd,
    reject: false,
    env: { NX_DAEMON: 'false', ...noCi, ...env },
  });
}

describe('nx-mlops', () => {
  it('lists its commands', async () => {
    for (const args of [[], ['--help'], ['-h']]) {
      const { stdout, exitCode } = await bin(args);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^ {2}gc {2,}\S.*\n {2}history {2,}\S.*\n {2}report {2,}\S/m);
    }
  });

  it.each([
    ['doctor', ''],
    ['gc', ''],
    ['cache-server', '--store=<address> '],
    ['report', ''],
    ['status', ''],
    ['history', '<model> '],
    ['rollback', '<model> '],
    ['abort', '<model> '],
  ])('tells the options of %s', async (name, word) => {
    const { stdout, exitCode } = await bin([name, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`nx-mlops ${name} ${word}[options]`);
  });

  it('shows and rolls back a model of the registry where there is no Nx and no project', async () => {
    const folder = workspace();
    const registry = openRegistry('file:.mlops/registry', folder);
    for (const content of ['one', 'two']) {
      const { version } = await registry.registerVersion(registered(folder, { model: 'late', content }));
      await registry.deploy({
        model: 'late',
        environment: 'production',
        version: version.version,
        actor: 'ann',
      });
    }
    expect((await bin(['status'], folder)).stdout).toMatch(/late +production +2 +[-\d]+ [:\d]+ +ann/);
    const refused = await bin(['rollback', 'lete'], folder);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/MLOPS_UNKNOWN_MODEL .*Did you mean "late"/);
    expect((await bin(['rollback'], folder)).stderr).toMatch(/It takes one model/);

    // Their files are no models, which a rollback sees.
    const unsound = await bin(['rollback', 'late'], folder);
    expect(unsound.exitCode).toBe(1);
    expect(unsound.stderr).toMatch(/MLOPS_VERIFICATION_FAILED/);
    const forced = await bin(['rollback', 'late', '--force', '--reason=a drill', '--json'], folder);
    expect(JSON.parse(forced.stdout)).toMatchObject({ kind: 'rollback', target: { version: 1 } });
    expect((await bin(['history', 'late'], folder)).stdout).toMatch(/rolled back +production +1 .*a drill/);
    expect((await bin(['abort', 'late'], folder)).stderr).toMatch(/MLOPS_NO_ROLLOUT/);
  });

  it.each([
    [['reprot'], 'There is no command "reprot". Did you mean "report"?'],
    [['gc', '--keep-days=soon'], '--keep-days takes a number from 0, not "soon".'],
    [['gc', 'all'], /Unexpected argument 'all'.*See nx-mlops gc --help\./],
    [['report', '--slott=x'], /Unknown option '--slott'.*See nx-mlops report --help\./],
  ])('refuses %j with exit code 1', async (args, message) => {
    const { stderr, exitCode } = await bin(args, workspace());
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\nMLOPS_USAGE /);
    expect(stderr).toMatch(message);
  });

  describe('doctor', () => {
    it('says what is wrong and how to mend it, with exit code 1', async () => {
      const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a workspace ' }).name;
      writeFileSync(join(folder, 'nx.json'), '{}');
      const { stdout, exitCode } = await bin(['doctor'], folder, {
        MLOPS_SIGNING_KEY: 'a-secret-that-is-none',
      });
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^check +verdict +found\n[- ]+\nNode +ok +\d/);
      expect(stdout).toMatch(/^Nx +problem +is not installed$/m);
      expect(stdout).toMatch(/^ONNX Runtime +ok /m);
      expect(stdout).toMatch(/^registry +skipped +mlops\.json cannot be read$/m);
      expect(stdout).toMatch(/^problem: mlops\.json: is not there\. Run nx g nx-mlops:init/m);
      expect(stdout).not.toContain('a-secret-that-is-none');
    });

    it('answers machines, and judges as in CI when asked to', async () => {
      const folder = soundWorkspace();
      const onLaptop = await bin(['doctor', '--json'], folder);
      expect(JSON.parse(onLaptop.stdout)).toMatchObject({ version: 1, ok: true, ci: false, ciSystem: null });
      expect(onLaptop.exitCode).toBe(0);
      const inCi = await bin(['doctor', '--json', '--ci'], folder);
      const { ok, ci, checks } = JSON.parse(inCi.stdout) as DoctorAnswer;
      expect({ ok, ci }).toEqual({ ok: true, ci: true });
      expect(checks.find(({ name }) => name === 'registry')).toMatchObject({
        verdict: 'warning',
        found: expect.stringContaining('which a CI job throws away'),
        mend: expect.stringContaining('s3://'),
      });
    });

    it('finds the CI system by its variables', async () => {
      const { stdout } = await bin(['doctor', '--json'], soundWorkspace(), { GITLAB_CI: 'true' });
      expect(JSON.parse(stdout)).toMatchObject({ ci: true, ciSystem: 'gitlab' });
    });
  });

  it('says that it is outside a workspace', async () => {
    const { stderr, exitCode } = await bin(['report'], tmp.dirSync({ unsafeCleanup: true }).name);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\nMLOPS_CONFIG_MISSING mlops\.json: /);
  });

  it('has a line in the help for each option of report', () => {
    const options = [
      'base',
      'head',
      'projects',
      'all',
      'output',
      'comment',
      'slot',
      'provider',
      'pull-request',
      'repository',
      'api-url',
      'stale-days',
      'fail-on',
      'help',
    ];
    for (const option of options) expect(report.help).toMatch(new RegExp(`^ {2}--${option}\\b`, 'm'));
  });

  it('of the report wants one choice of models and words that it knows', async () => {
    const folder = workspace();
    for (const [args, message] of [
      [['--all', '--projects=a'], /Give one of --projects, --all/],
      [['--all', '--comment=no'], /--comment takes required, optional, off, not "no"/],
      [['--all', '--fail-on=warn'], /--fail-on takes block, not "warn"/],
      [['--all', '--provider=bitbucket'], /--provider takes github, gitlab/],
      [['--all', '--slot=a -->'], /cannot name a slot/],
    ] as const) {
      const { stderr, exitCode } = await bin(['report', ...args], folder);
      expect(stderr).toMatch(message);
      expect(exitCode).toBe(1);
    }
  });
});

/** With an nx that knows of no project. */
function workspace(): string {
  const folder = tmp.dirSync({ unsafeCleanup: true }).name;
  mkdirSync(join(folder, 'node_modules/nx'), { recursive: true });
  writeFileSync(join(folder, 'mlops.json'), '{ "environments": [{ "name": "production" }] }');
  writeFileSync(join(folder, 'node_modules/nx/package.json'), '{ "name": "nx", "bin": { "nx": "nx.js" } }');
  writeFileSync(
    join(folder, 'node_modules/nx/nx.js'),
    `const file = process.argv.find((word) => word.startsWith('--file='));
     if (file) require('node:fs').writeFileSync(file.slice(7), '{"graph":{"nodes":{},"dependencies":{}}}');`,
  );
  return folder;
}

interface DoctorAnswer {
  readonly ok: boolean;
  readonly ci: boolean;
  readonly checks: readonly { readonly name: string; readonly verdict: string }[];
}

/** In which a doctor finds no problem on a laptop. */
function soundWorkspace(): string {
  const folder = workspace();
  writeFileSync(join(folder, 'node_modules/nx/package.json'), '{ "name": "nx", "version": "24.0.0" }');
  const git = (...args: string[]) => execa.sync('git', args, { cwd: folder });
  git('init', '-q', '-b', 'main');
  git(
    '-c',
    'user.name=ann',
    '-c',
    'user.email=a@example.org',
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'first',
  );
  return folder;
}
