import { facts, namedCases } from './facts.fixture';
import { describePipeline, withReportInCheck, type Job } from './pipeline';

const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

describe('describePipeline', () => {
  it.each(namedCases)('%s: each job needs only jobs before it', (_, { pipeline }) => {
    pipeline.jobs.forEach((job, index) => {
      expect(ids(pipeline.jobs.slice(0, index))).toEqual(expect.arrayContaining([...job.needs]));
    });
  });

  it('is one check, a report and a deployment in the least workspace', () => {
    expect(ids(describePipeline(facts()).jobs)).toEqual([
      'check',
      'report',
      'deploy-staging',
      'data',
      'monitor',
      'rollback',
    ]);
  });

  it('promotes in order, each what the one before got', () => {
    const { jobs } = describePipeline(facts({ environments: ['staging', 'production', 'eu.west'] }));
    const promotions = jobs.filter(({ kind }) => kind === 'promote');
    expect(promotions.map(({ needs, steps }) => [needs, steps[0]?.run])).toEqual([
      [['deploy-staging'], 'npx nx-mlops ci promote --from=staging --to=production'],
      [['promote-production'], 'npx nx-mlops ci promote --from=production --to=eu.west'],
    ]);
    expect(promotions.every(({ approval }) => approval)).toBe(true);
  });

  it('has shards of each class, and none with Nx Cloud, which spreads by itself', () => {
    const ci = { agents: 2, classes: { gpu: { runner: ['gpu'] } } };
    expect(describePipeline(facts({ ci })).shards).toEqual([
      { name: '1', class: 'default' },
      { name: '2', class: 'default' },
      { name: 'gpu-1', class: 'gpu' },
    ]);
    const onCloud = describePipeline(facts({ ci, nxCloud: true }));
    expect(onCloud.shards).toEqual([]);
    expect(onCloud.jobs[0]?.steps.map(({ run }) => run)).toEqual([
      'npx nx start-ci-run --distribute-on="2 linux-medium-js" --stop-agents-after="lint,test,build,validate,test-model,gate"',
      'npx nx-mlops ci run --job=check',
    ]);
  });

  it.each([
    ['17 4 * * *', '0,15,30,45 * * * *'],
    ['30 4 * * *', '5,20,35,50 * * * *'],
    [false, '0,15,30,45 * * * *'],
  ] as const)('advances rollouts in other minutes than those of %s', (schedule, expected) => {
    const given = facts({ ci: { schedule } });
    const canary = { ...given, environments: [{ name: 'production', isDirect: false }] };
    expect(describePipeline(canary).advanceSchedule).toBe(expected);
    expect(ids(describePipeline(canary).jobs)).toContain('advance');
    expect(describePipeline(given).advanceSchedule).toBeUndefined();
  });

  it('has no job for data without a schedule', () => {
    const { jobs } = describePipeline(facts({ ci: { schedule: false } }));
    expect(ids(jobs)).not.toContain('data');
    expect(ids(jobs)).not.toContain('monitor');
  });

  it('gives what people typed to the shell by variables only, behind --', () => {
    const { jobs } = describePipeline(facts());
    expect(jobs.at(-1)?.steps[0]?.run).toMatch(/ -- "\$MLOPS_ROLLBACK_MODEL"$/);
  });
});

describe('withReportInCheck', () => {
  it('reports in the job of a check that is one, also after a failure', () => {
    const { jobs } = withReportInCheck(describePipeline(facts()));
    expect(ids(jobs)).not.toContain('report');
    expect(jobs[0]).toMatchObject({ id: 'check', state: 'write' });
    expect(jobs[0]?.steps.slice(1).every(({ evenAfterFailure }) => evenAfterFailure)).toBe(true);
  });

  it('leaves a spread check alone', () => {
    const pipeline = describePipeline(facts({ ci: { agents: 2 } }));
    expect(withReportInCheck(pipeline)).toBe(pipeline);
  });
});
