import { DEFAULT_RESOURCE_CLASS, layout, type CiConfig } from '@nx-mlops/core';
import { packageManagers, type PackageManagerName } from './package-managers';

/** What the pipeline of a workspace follows from. */
export interface CiFacts {
  readonly ci: CiConfig;
  /** In order of promotion, at least one. */
  readonly environments: readonly CiEnvironment[];
  readonly mainBranch: string;
  readonly packageManager: PackageManagerName;
  readonly nxCloud: boolean;
}

export interface CiEnvironment {
  readonly name: string;
  /** Whether a version takes all traffic at once, so that nothing is left to be advanced later. */
  readonly isDirect: boolean;
}

/** What starts a job. */
export type Trigger = 'pull-request' | 'main' | 'data' | 'advance' | 'rollback';

/** One command line, the same on every provider; what differs between jobs and runs comes by environment variables. */
export interface Step {
  readonly title: string;
  readonly run: string;
  /** Also after a step before it failed. */
  readonly evenAfterFailure?: true;
  /** Whether it says to the jobs after it if there is anything for them. */
  readonly tellsNext?: true;
  /** What the step may see beyond the job's files. */
  readonly secret?: 'comment';
}

/** A part of a check, on a machine of a class. */
export interface Shard {
  readonly name: string;
  readonly class: string;
}

export interface Job {
  readonly id: string;
  readonly title: string;
  readonly kind:
    'plan' | 'check' | 'report' | 'deploy' | 'promote' | 'data' | 'monitor' | 'advance' | 'rollback';
  readonly on: readonly Trigger[];
  /** Jobs that come before it. */
  readonly needs: readonly string[];
  readonly steps: readonly Step[];
  /** Whether it runs after a failure of what it needs. */
  readonly evenAfterFailure?: true;
  /** Run once for each of the pipeline's shards, whose name is in `MLOPS_SHARD`. */
  readonly sharded?: true;
  /** Nothing else changes this environment at the time. */
  readonly environment?: string;
  /** A person says yes before it starts. */
  readonly approval?: true;
  /** Whether it reads the cache and durations of earlier pipelines, or also leaves its own. */
  readonly state?: 'read' | 'write';
  /** Whether it runs Nx's tasks, so that the remote cache is asked. */
  readonly usesNxCache?: true;
  /** Globs that later jobs read, and people. */
  readonly keeps: readonly string[];
  /** What it reads of the results of others: those of the check, or of the job of this id. */
  readonly reads?: 'check' | string;
}

/** A pipeline as no provider writes it. The renderers write all of it and add nothing of their own to what is run. */
export interface Pipeline {
  readonly mainBranch: string;
  /** Cron of the check of fresh data. */
  readonly dataSchedule?: string;
  /** Cron of the rollouts' advance. */
  readonly advanceSchedule?: string;
  readonly jobs: readonly Job[];
  /** Empty where a check is one job. */
  readonly shards: readonly Shard[];
  /** Labels of each class's machines; undefined where any will do. */
  readonly runners: Readonly<Record<string, readonly string[] | undefined>>;
  readonly environments: readonly string[];
  readonly nxCloud: boolean;
  /** Globs of JUnit files that the jobs keep. */
  readonly junit: readonly string[];
}

/** Name of the variable that tells a job which shard it is. */
export const SHARD = 'MLOPS_SHARD';
/** Names of the variables of a rollback that somebody asks for. */
export const rollbackInputs = {
  model: 'MLOPS_ROLLBACK_MODEL',
  environment: 'MLOPS_ROLLBACK_ENVIRONMENT',
  reason: 'MLOPS_ROLLBACK_REASON',
} as const;

/** Where results of jobs lie, a folder a job. */
export const OUT = `${layout.ci}/out`;
export const PLAN = `${layout.ci}/plan.json`;
export const RUN_FILE = `${layout.ci}/run.json`;

/** Minutes of an hour are split evenly by it, so that a scheduled time tells whether it is one of them. */
export const ADVANCE_MINUTES = 15;

/** Decides the jobs of the pipeline and what each of them runs. */
export function describePipeline({
  ci,
  environments,
  mainBranch,
  packageManager,
  nxCloud,
}: CiFacts): Pipeline {
  const shards = nxCloud ? [] : shardsOf(ci);
  const isSpread = shards.length > 1;
  const pipeline = {
    mainBranch,
    shards: isSpread ? shards : [],
    runners: {
      [DEFAULT_RESOURCE_CLASS]: ci.runner,
      ...Object.fromEntries(Object.entries(ci.classes).map(([name, { runner }]) => [name, runner])),
    },
    environments: environments.map(({ name }) => name),
    nxCloud,
    junit: junitOf(ci),
    ...(ci.schedule === false ? {} : { dataSchedule: ci.schedule }),
    ...(environments.every(({ isDirect }) => isDirect)
      ? {}
      : { advanceSchedule: advanceSchedule(ci.schedule) }),
  };
  const { exec } = packageManagers[packageManager];
  return { ...pipeline, jobs: jobsOf(pipeline, `${exec} nx-mlops`, `${exec} nx`, ci) };
}

function shardsOf(ci: CiConfig): Shard[] {
  const numbered = (count: number, name: (index: number) => string, resourceClass: string) =>
    Array.from({ length: count }, (_, index) => ({ name: name(index + 1), class: resourceClass }));
  return [
    ...numbered(ci.agents, String, DEFAULT_RESOURCE_CLASS),
    ...Object.entries(ci.classes).flatMap(([name, { agents }]) =>
      numbered(agents, (index) => `${name}-${index}`, name),
    ),
  ];
}

type JobContext = Omit<Pipeline, 'jobs'>;

function jobsOf(pipeline: JobContext, mlops: string, nx: string, ci: CiConfig): Job[] {
  const check = [...checkJobs(pipeline, mlops, nx, ci), reportJob(pipeline, mlops)];
  return [
    ...check,
    ...environmentJobs(pipeline, mlops),
    ...(pipeline.dataSchedule === undefined ? [] : dataJobs(mlops, nx)),
    ...(pipeline.advanceSchedule === undefined ? [] : [advanceJob(mlops)]),
    rollbackJob(mlops),
  ];
}

const checked: readonly Trigger[] = ['pull-request', 'main'];
const out = `${OUT}/`;

function checkJobs({ shards, nxCloud }: JobContext, mlops: string, nx: string, ci: CiConfig): Job[] {
  if (shards.length === 0) {
    const agents = { title: 'Start agents', run: startAgents(nx, ci) };
    return [
      {
        id: 'check',
        title: 'Check',
        kind: 'check',
        on: checked,
        needs: [],
        state: 'read',
        usesNxCache: true,
        steps: [
          ...(nxCloud && ci.agents > 1 ? [agents] : []),
          { title: 'Check', run: `${mlops} ci run --job=check` },
        ],
        keeps: [out],
      },
    ];
  }
  return [
    {
      id: 'plan',
      title: 'Plan',
      kind: 'plan',
      on: checked,
      needs: [],
      state: 'read',
      steps: [{ title: 'Plan', run: `${mlops} ci plan`, tellsNext: true }],
      keeps: [PLAN],
    },
    {
      id: 'check',
      title: 'Check',
      kind: 'check',
      on: checked,
      needs: ['plan'],
      sharded: true,
      state: 'read',
      usesNxCache: true,
      steps: [{ title: 'Check', run: `${mlops} ci run --shard="$${SHARD}"` }],
      keeps: [out],
    },
  ];
}

function startAgents(nx: string, { agents, targets }: CiConfig): string {
  // All but the default template are made by people, under names of theirs; see docs/ci.md.
  return `${nx} start-ci-run --distribute-on="${agents} linux-medium-js" --stop-agents-after="${targets.join(',')}"`;
}

function reportJob({ shards }: JobContext, mlops: string): Job {
  return {
    id: 'report',
    title: 'Report',
    kind: 'report',
    on: checked,
    needs: shards.length === 0 ? ['check'] : ['plan', 'check'],
    evenAfterFailure: true,
    state: 'write',
    reads: 'check',
    steps: [
      { title: 'Collect', run: `${mlops} ci collect --save`, evenAfterFailure: true },
      {
        title: 'Report',
        run: `${mlops} report --run-file=${RUN_FILE} --comment=optional`,
        evenAfterFailure: true,
        secret: 'comment',
      },
    ],
    keeps: [`${layout.report}/`],
  };
}

function environmentJobs({ environments, shards }: JobContext, mlops: string): Job[] {
  const [first, ...others] = environments as [string, ...string[]];
  const deploy: Job = {
    id: jobId('deploy', first),
    title: `Deploy to ${first}`,
    kind: 'deploy',
    on: ['main'],
    needs: shards.length === 0 ? ['check'] : ['plan', 'check'],
    environment: first,
    state: 'write',
    usesNxCache: true,
    reads: 'check',
    steps: [
      { title: 'Collect', run: `${mlops} ci collect` },
      { title: 'Deploy', run: `${mlops} ci deploy --environment=${first}`, tellsNext: true },
      { title: 'Verify what serves', run: `${mlops} ci smoke --environment=${first}` },
      {
        title: 'Smoke tests of the workspace',
        run: `${mlops} ci run --targets=smoke --configuration=${first} --job=smoke-${first}`,
      },
      { title: 'Remember this commit as green', run: `${mlops} ci collect --save --green` },
    ],
    keeps: [`${OUT}/deploy-*/`, `${OUT}/smoke-*/`],
  };
  const promotions = others.map((name, index): Job => {
    const from = environments[index] as string;
    const before = jobId(index === 0 ? 'deploy' : 'promote', from);
    return {
      id: jobId('promote', name),
      title: `Promote to ${name}`,
      kind: 'promote',
      on: ['main'],
      needs: [before],
      environment: name,
      approval: true,
      reads: before,
      steps: [{ title: 'Promote', run: `${mlops} ci promote --from=${from} --to=${name}`, tellsNext: true }],
      keeps: [`${OUT}/promote-*/`],
    };
  });
  return [deploy, ...promotions];
}

/** Two, so that one is red without keeping the other from its work. */
function dataJobs(mlops: string, nx: string): Job[] {
  const common = { on: ['data' as const], needs: [] };
  return [
    {
      ...common,
      id: 'data',
      title: 'Check fresh data',
      kind: 'data',
      steps: [{ title: 'Check fresh data', run: `${mlops} ci data` }],
      keeps: [`${layout.ci}/data.patch`, out],
    },
    {
      ...common,
      id: 'monitor',
      title: 'Monitor',
      kind: 'monitor',
      steps: [{ title: 'Monitor', run: `${nx} run-many -t monitor` }],
      keeps: [],
    },
  ];
}

function advanceJob(mlops: string): Job {
  return {
    id: 'advance',
    title: 'Advance rollouts',
    kind: 'advance',
    on: ['advance'],
    needs: [],
    steps: [{ title: 'Advance rollouts', run: `${mlops} ci advance` }],
    keeps: [],
  };
}

function rollbackJob(mlops: string): Job {
  const { model, environment, reason } = rollbackInputs;
  return {
    id: 'rollback',
    title: 'Roll back',
    kind: 'rollback',
    on: ['rollback'],
    needs: [],
    steps: [
      {
        title: 'Roll back',
        // What people typed comes by variables and after --, so that it is neither shell nor an option.
        run: `${mlops} rollback --environment="$${environment}" --reason="$${reason}" -- "$${model}"`,
      },
    ],
    keeps: [],
  };
}

/** An id that every provider takes: GitHub allows no dot. */
function jobId(verb: 'deploy' | 'promote', environment: string): string {
  return `${verb}-${environment.replaceAll('.', '-dot-')}`;
}

function junitOf({ results }: CiConfig): string[] {
  return [
    `${OUT}/**/junit.xml`,
    ...results.filter((glob) => glob.endsWith('.xml')).map((glob) => `${OUT}/*/results/${glob}`),
  ];
}

/**
 * Every quarter of an hour, but never in the minute in which data is checked: where the provider tells no job which
 * schedule started it, the minute does.
 */
function advanceSchedule(dataSchedule: CiConfig['schedule']): string {
  const minute = dataSchedule === false ? NaN : Number(dataSchedule.split(/\s+/)[0]);
  const first = minute % ADVANCE_MINUTES === 0 ? 5 : 0;
  const minutes = [0, 1, 2, 3].map((quarter) => first + quarter * ADVANCE_MINUTES);
  return `${minutes.join(',')} * * * *`;
}

/** Jobs for a provider on which a check in one job also reports, which saves a start-up. */
export function withReportInCheck(pipeline: Pipeline): Pipeline {
  if (pipeline.shards.length > 0) return pipeline;
  const report = pipeline.jobs.find(({ kind }) => kind === 'report') as Job;
  return {
    ...pipeline,
    jobs: pipeline.jobs
      .filter((job) => job !== report)
      .map((job) =>
        job.kind === 'check'
          ? {
              ...job,
              state: 'write',
              steps: [...job.steps, ...report.steps],
              keeps: [...job.keeps, ...report.keeps],
            }
          : job,
      ),
  };
}
