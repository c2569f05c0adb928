import { parse } from 'yaml';
import { facts, namedCases } from './facts.fixture';
import { describePipeline } from './pipeline';
import { renderGithub, renderGithubSetup } from './render-github';
import { githubSetup } from './setup';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface GithubJob {
  readonly if: string;
  readonly needs?: string | string[];
  readonly environment?: string;
  readonly concurrency?: { group: string; 'cancel-in-progress': boolean };
  readonly permissions: Readonly<Record<string, string>>;
  readonly strategy?: { 'fail-fast': boolean };
  readonly 'runs-on': string | string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency: { group: string; 'cancel-in-progress': string };
  readonly jobs: Readonly<Record<string, GithubJob>>;
}

const workflow = (text: string) => parse(text) as Workflow;
const needsOf = ({ needs = [] }: GithubJob) => [needs].flat();

describe.each(namedCases)('renderGithub: %s', (_, { pipeline, isSpread }) => {
  const text = renderGithub(pipeline);
  const { on, permissions, concurrency, jobs } = workflow(text);
  const all = Object.entries(jobs);

  it('runs on pull requests, pushes, schedules and by hand, and never with secrets for forks', () => {
    expect(Object.keys(on).sort()).toEqual(['pull_request', 'push', 'schedule', 'workflow_dispatch']);
    expect(text).not.toContain('pull_request_target');
  });

  it('gives every job no more than it needs', () => {
    expect(permissions).toEqual({});
    for (const [id, job] of all) {
      const allowed = id === 'report' || (id === 'check' && !isSpread) ? 'write' : undefined;
      expect(job.permissions['pull-requests']).toBe(allowed);
      const others = Object.entries(job.permissions).filter(([name]) => name !== 'pull-requests');
      expect(others.every(([, value]) => value === 'read')).toBe(true);
    }
  });

  it('cancels older runs of a pull request, never a deployment', () => {
    expect(concurrency['cancel-in-progress']).toBe("${{ github.event_name == 'pull_request' }}");
    const groups = all.flatMap(([id, job]) => (job.concurrency === undefined ? [] : [[id, job.concurrency]]));
    for (const environment of pipeline.environments) {
      expect(groups.map(([, group]) => group)).toContainEqual({
        group: `nx-mlops-${environment}`,
        'cancel-in-progress': false,
      });
    }
  });

  it('waits for approval in a job that holds no group, and then promotes in order', () => {
    const approvals = all.filter(([id]) => id.startsWith('approve-'));
    expect(approvals.map(([, job]) => job.environment)).toEqual(pipeline.environments.slice(1));
    for (const [id, job] of approvals) {
      expect(job.concurrency).toBeUndefined();
      expect(job.if).toMatch(/&& needs\.(deploy|promote)-[\w-]+\.outputs\.any == 'true' }}$/);
      const before = jobs[needsOf(job)[0] as string];
      const told = /^\${{ steps\.(\w+)\.outputs\.any }}$/.exec(before?.outputs?.['any'] ?? '')?.[1];
      expect(before?.steps.find(({ id }) => id === told)?.run).toMatch(/ ci (deploy|promote) /);
      expect(jobs[id.replace('approve', 'promote')]?.needs).toBe(id);
      expect(jobs[needsOf(job)[0] as string]?.concurrency).toBeDefined();
    }
  });

  it('has no job that needs an unknown one', () => {
    for (const [, job] of all) expect(Object.keys(jobs)).toEqual(expect.arrayContaining(needsOf(job)));
  });

  it('checks out the branch itself with its history and leaves no credentials behind', () => {
    for (const [id, job] of all.filter(([name]) => !name.startsWith('approve-'))) {
      expect([id, job.steps[0]]).toEqual([
        id,
        {
          uses: 'actions/checkout@v5',
          with: {
            ref: '${{ github.event.pull_request.head.sha || github.sha }}',
            'fetch-depth': 0,
            'persist-credentials': false,
          },
        },
      ]);
      expect(job.steps[1]).toEqual({ uses: './.github/actions/nx-mlops-setup' });
    }
  });

  it('puts no expression into a script', () => {
    const scripts = all.flatMap(([, job]) => job.steps.flatMap(({ run }) => run ?? []));
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it('reports after a failure and deploys only after success', () => {
    const report = jobs[isSpread ? 'report' : 'check'] as GithubJob;
    const step = report.steps.find(({ run }) => run?.includes(' report ') === true);
    expect(step).toMatchObject({ if: '${{ !cancelled() }}', env: { GITHUB_TOKEN: '${{ github.token }}' } });
    expect(step?.run).toContain('--comment=optional');
    if (isSpread) expect(report.if).toContain('!cancelled()');
    expect(jobs['deploy-staging']?.if).toContain("needs.check.result == 'success'");
    expect(jobs['deploy-staging']?.if).toContain("github.ref == 'refs/heads/main'");
  });

  it('restores before it runs and saves in the last jobs only, never without a run of its own in the key', () => {
    const saving = all.filter(([, job]) =>
      job.steps.some(({ uses }) => uses?.startsWith('actions/cache/save')),
    );
    expect(saving.map(([id]) => id)).toEqual([isSpread ? 'report' : 'check', 'deploy-staging']);
    const keys = saving.flatMap(([, job]) =>
      job.steps
        .filter(({ uses }) => uses?.startsWith('actions/cache/save'))
        .map((step) => step.with?.['key']),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toContain('${{ github.run_id }}-${{ github.run_attempt }}');
  });

  it('uploads hidden folders, for .mlops is one, and every download has its upload', () => {
    const steps = all.flatMap(([, job]) => job.steps);
    const uploads = steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    const names = uploads.map((step) => String(step.with?.['name']));
    expect(uploads.every((step) => step.with?.['include-hidden-files'] === true)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/download-artifact'))) {
      const wanted = String(step.with?.['name'] ?? step.with?.['pattern']).replace('*', '');
      expect(names.some((name) => name.startsWith(wanted))).toBe(true);
    }
  });

  it('gives the cache server a token of the right kind, or no server', () => {
    if (pipeline.nxCloud) {
      expect(text).not.toContain('SELF_HOSTED');
      expect(jobs['check']?.env).toHaveProperty('NX_CLOUD_ACCESS_TOKEN');
      return;
    }
    const { env = {}, environment } = jobs['check'] as GithubJob;
    expect(environment).toContain("github.event_name == 'push'");
    expect(env['NX_SELF_HOSTED_REMOTE_CACHE_SERVER']).toMatch(
      /PULL_REQUEST_TOKEN != ''.*TRUSTED_TOKEN != ''.*\|\| '' }}$/,
    );
    expect(env['NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN']).toContain(
      ".pr-{1}', secrets.NX_MLOPS_CACHE_PULL_REQUEST_TOKEN",
    );
  });

  it('spreads by a matrix that goes on after a failure', () => {
    expect(jobs['check']?.strategy?.['fail-fast']).toBe(isSpread ? false : undefined);
  });
});

describe('renderGithub', () => {
  it('sends a class to its machines', () => {
    const ci = { agents: 2, runner: ['big'], classes: { gpu: { runner: ['own', 'gpu'] } } };
    const { jobs } = workflow(renderGithub(describePipeline(facts({ ci }))));
    expect(jobs['check']?.['runs-on']).toBe(
      `\${{ fromJSON('{"default":"big","gpu":["own","gpu"]}')[matrix.class] }}`,
    );
    expect(jobs['deploy-staging']?.['runs-on']).toBe('big');
  });

  it('asks for an identity token only where the setup trades it', () => {
    const pipeline = describePipeline(facts());
    expect(workflow(renderGithub(pipeline, true)).jobs['check']?.permissions['id-token']).toBe('write');
    expect(renderGithub(pipeline)).not.toContain('id-token');
  });
});

describe('renderGithubSetup', () => {
  it.each([
    ['npm', [], 'npm ci', 'npm'],
    ['pnpm', ['pnpm/action-setup@v4'], 'pnpm install --frozen-lockfile', 'pnpm'],
    ['yarn', [], 'yarn install --immutable', 'yarn'],
    ['yarn-classic', [], 'yarn install --frozen-lockfile', 'yarn'],
    ['bun', ['oven-sh/setup-bun@v2'], 'bun install --frozen-lockfile', undefined],
  ] as const)('installs with %s', (packageManager, uses, install, cache) => {
    const { runs } = parse(renderGithubSetup(githubSetup(facts({ packageManager })))) as {
      runs: { using: string; steps: (Step & { shell?: string })[] };
    };
    expect(runs.using).toBe('composite');
    expect(runs.steps.map((step) => step.uses)).toEqual(
      expect.arrayContaining([...uses, 'actions/setup-node@v5']),
    );
    expect(runs.steps.find((step) => step.uses?.startsWith('actions/setup-node'))?.with?.['cache']).toBe(
      cache,
    );
    expect(runs.steps).toContainEqual({ run: install, shell: 'bash' });
  });

  it('brings Python where it is used', () => {
    const uv = githubSetup(facts({ python: { kind: 'uv' } }));
    expect(uv).toContainEqual({ run: 'uv sync --frozen', shell: 'bash' });
    const pip = githubSetup(facts({ python: { kind: 'requirements', files: ['a/requirements.txt'] } }));
    expect(pip).toContainEqual({ run: 'pip install -r a/requirements.txt', shell: 'bash' });
  });
});
