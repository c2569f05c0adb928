import { parse } from 'yaml';
import { facts, namedCases } from './facts.fixture';
import { describePipeline, type Pipeline } from './pipeline';
import { gitlabStages, renderGitlab, renderGitlabRoot } from './render-gitlab';
import { gitlabSetup } from './setup';

interface GitlabJob {
  readonly extends: string;
  readonly stage: string;
  readonly rules: readonly { if: string; when?: string; allow_failure?: boolean; variables?: object }[];
  readonly needs: readonly (string | { readonly job: string; readonly artifacts: boolean })[];
  readonly parallel?: { matrix: readonly { MLOPS_SHARD: readonly string[] }[] };
  readonly tags?: readonly string[];
  readonly interruptible: boolean;
  readonly environment?: { name: string };
  readonly resource_group?: string;
  readonly cache?: readonly { key: string; fallback_keys: string[]; policy: string }[];
  readonly script: readonly string[];
  readonly artifacts?: { when: string; paths: string[]; reports?: { junit: string[]; metrics?: string[] } };
}

const reference = { tag: '!reference', collection: 'seq' as const, resolve: (seq: unknown) => seq };
const read = (text: string) =>
  parse(text, { customTags: [reference as never] }) as Readonly<Record<string, GitlabJob>>;
const render = (pipeline: Pipeline) => read(renderGitlab(pipeline, gitlabSetup(facts())));

describe.each(namedCases)('renderGitlab: %s', (_, { pipeline, facts: given, isSpread }) => {
  const file = read(renderGitlab(pipeline, gitlabSetup(given)));
  const jobs = Object.entries(file).filter(([, job]) => Object.hasOwn(job, 'script'));
  const job = (id: string) => file[id] as GitlabJob;

  it('has every job of the pipeline, with just its commands', () => {
    for (const { id, steps } of pipeline.jobs) expect(job(id).script).toEqual(steps.map(({ run }) => run));
  });

  it('puts every job into a stage, after those that it needs', () => {
    const stages: readonly string[] = gitlabStages;
    for (const [, { stage, needs, extends: base }] of jobs) {
      expect(base).toBe('.nx-mlops-setup');
      for (const need of needs) {
        const before = job(typeof need === 'string' ? need : need.job).stage;
        expect(stages.indexOf(before)).toBeLessThanOrEqual(stages.indexOf(stage));
      }
    }
  });

  it('has every shard once, and its results are waited for', () => {
    const shards = jobs.flatMap(([, { parallel }]) => parallel?.matrix[0]?.MLOPS_SHARD ?? []);
    expect(shards).toEqual(pipeline.shards.map(({ name }) => name));
    const checks = jobs.filter(([, { stage }]) => stage === 'check').map(([id]) => id);
    expect(job('report').needs).toEqual([...(isSpread ? ['plan'] : []), ...checks]);
  });

  it('reports whatever happened', () => {
    expect(job('report').rules.map(({ when }) => when)).toEqual(['always', 'always']);
    expect(job('check').artifacts).toMatchObject({
      when: 'always',
      reports: { junit: ['.mlops/ci/out/**/junit.xml'], metrics: ['.mlops/ci/out/**/metrics.txt'] },
    });
  });

  it('lets one deployment at a time into an environment, promotions by hand and without holding the pipeline', () => {
    for (const { id, environment, approval } of pipeline.jobs.filter((item) => item.environment)) {
      expect(job(id)).toMatchObject({
        environment: { name: environment },
        resource_group: environment,
        interruptible: false,
      });
      expect(job(id).rules[0]).toMatchObject(
        approval === true ? { when: 'manual', allow_failure: true } : {},
      );
      expect(job(id).rules).toHaveLength(1);
      expect(job(id).rules[0]?.if).toContain('$CI_COMMIT_BRANCH == "main"');
    }
  });

  it('keeps its cache by branch, falls back to main, and only the last jobs write it', () => {
    const caches = jobs.flatMap(([id, { cache }]) => (cache === undefined ? [] : [[id, cache[1]?.policy]]));
    expect(caches.filter(([, policy]) => policy === 'pull-push')).toEqual([
      ['report', 'pull-push'],
      ['deploy-staging', 'pull-push'],
    ]);
    // One after the other, or the report's cache could come last, which knows nothing of the deployment.
    expect(job('deploy-staging').needs).toContainEqual({ job: 'report', artifacts: false });
    expect(job('report').rules.map((rule) => rule.allow_failure)).toEqual([undefined, true]);
    expect(job('check').cache?.[1]).toMatchObject({
      key: 'nx-mlops-$CI_COMMIT_REF_SLUG',
      fallback_keys: ['nx-mlops-main'],
    });
  });

  it('has a token of the right kind for the cache server', () => {
    const tokens = job('check').rules.map(({ variables }) => variables);
    expect(tokens).toEqual(
      pipeline.nxCloud
        ? [undefined, undefined]
        : [
            {
              NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN:
                '$NX_MLOPS_CACHE_PULL_REQUEST_TOKEN.mr-$CI_MERGE_REQUEST_IID',
            },
            { NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: '$NX_MLOPS_CACHE_TRUSTED_TOKEN' },
          ],
    );
  });
});

describe('renderGitlab', () => {
  it('has a job with its tags for each class of machines', () => {
    const file = render(
      describePipeline(facts({ ci: { agents: 2, classes: { gpu: { agents: 1, runner: ['own', 'gpu'] } } } })),
    );
    expect(file['check']).toMatchObject({ parallel: { matrix: [{ MLOPS_SHARD: ['1', '2'] }] } });
    expect(file['check']).not.toHaveProperty('tags');
    expect(file['check-gpu']).toMatchObject({
      tags: ['own', 'gpu'],
      parallel: { matrix: [{ MLOPS_SHARD: ['gpu-1'] }] },
    });
    expect(file['deploy-staging']?.needs).toEqual([
      'plan',
      'check',
      'check-gpu',
      { job: 'report', artifacts: false },
    ]);
  });

  it('writes a branch as GitLab does in the key of its cache', () => {
    const file = render(describePipeline(facts({ mainBranch: 'Release/2.x' })));
    expect(file['check']?.cache?.[1]?.fallback_keys).toEqual(['nx-mlops-release-2-x']);
  });

  it.each(['npm', 'pnpm', 'yarn', 'bun'] as const)(
    'keeps the cache of %s where git and Nx pass over',
    (name) => {
      const setup = gitlabSetup(facts({ packageManager: name }));
      expect(Object.values(setup['variables'] as object)).toContain('$CI_PROJECT_DIR/.mlops/ci/packages');
      expect(setup['cache']).toMatchObject({ paths: ['.mlops/ci/packages/'] });
    },
  );
});

describe('renderGitlabRoot', () => {
  it('includes ours and makes pipelines of merge requests, main, schedules and by hand', () => {
    const root = read(renderGitlabRoot(describePipeline(facts()), 'x.yml')) as never;
    expect(root).toMatchObject({ include: [{ local: 'x.yml' }], workflow: { rules: [{}, {}, {}] } });
  });
});
