import { DEFAULT_RESOURCE_CLASS, layout } from '@nx-mlops/core';
import { markedPart } from './marked-parts';
import { rollbackInputs, SHARD, type Job, type Pipeline, type Trigger } from './pipeline';
import { Reference, yamlEntries, yamlText } from './render-yaml';

type Mapping = Readonly<Record<string, unknown>>;

/** The hidden job that every job extends; people's own from the day it is written. */
export const GITLAB_SETUP = '.nx-mlops-setup';

/** Tells a pipeline by schedule what it is for, where there is more than one schedule. */
export const SCHEDULE = 'MLOPS_SCHEDULE';

/** In order; a job is in the stage that its kind says. */
export const gitlabStages = ['plan', 'check', 'report', 'deploy', 'promote', 'operate'] as const;

const stageOf: Readonly<Record<Job['kind'], (typeof gitlabStages)[number]>> = {
  plan: 'plan',
  check: 'check',
  report: 'report',
  deploy: 'deploy',
  promote: 'promote',
  data: 'operate',
  monitor: 'operate',
  advance: 'operate',
  rollback: 'operate',
};

/** The included file, whole. */
export function renderGitlab(pipeline: Pipeline, setup: Mapping): string {
  return `# Made by nx g nx-mlops:ci and kept by nx sync: what is between the marks follows mlops.json.
# The rest of this file is yours. See docs/ci.md of nx-mlops.

# Yours: what every job does before its work, and the cache of packages.
${yamlText({ [GITLAB_SETUP]: setup })}
${markedPart('stages', yamlText({ stages: gitlabStages, variables: variables(pipeline) }), '#')}
${markedPart('jobs', yamlEntries(gitlabJobs(pipeline)), '#')}`;
}

/** The root file where there was none: which pipelines there are, and the include of ours. */
export function renderGitlabRoot({ mainBranch }: Pipeline, include: string): string {
  const workflow = {
    workflow: {
      rules: [
        {
          if: '$CI_PIPELINE_SOURCE == "merge_request_event"',
          auto_cancel: { on_new_commit: 'interruptible' },
        },
        // The next push never ends one that may be amid a deployment.
        { if: `$CI_COMMIT_BRANCH == "${mainBranch}"`, auto_cancel: { on_new_commit: 'none' } },
        { if: '$CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web"' },
      ],
    },
  };
  return `# Yours, but for what is between the marks. See docs/ci.md of nx-mlops.
${yamlText({ include: [{ local: include }] })}
${markedPart('workflow', yamlText(workflow), '#')}`;
}

function variables({ environments }: Pipeline): Mapping {
  const { model, environment, reason } = rollbackInputs;
  return {
    [model]: { value: '', description: 'To roll back: name of the model' },
    [environment]: {
      value: environments.at(-1),
      options: environments,
      description: 'To roll back: the environment',
    },
    [reason]: { value: '', description: 'To roll back: why, for the history' },
  };
}

function gitlabJobs(pipeline: Pipeline): [string, Mapping][] {
  return pipeline.jobs.flatMap((job): [string, Mapping][] => {
    if (job.sharded !== true) return [[job.id, gitlabJob(job, pipeline, DEFAULT_RESOURCE_CLASS)]];
    // Tags are those of a job, so each class of machines has a job of its own.
    return classesOf(pipeline).map((resourceClass) => [
      classJobId(job.id, resourceClass),
      gitlabJob(job, pipeline, resourceClass),
    ]);
  });
}

function classesOf({ shards }: Pipeline): string[] {
  return [...new Set(shards.map((shard) => shard.class))];
}

function classJobId(id: string, resourceClass: string): string {
  return resourceClass === DEFAULT_RESOURCE_CLASS ? id : `${id}-${resourceClass}`;
}

function gitlabJob(job: Job, pipeline: Pipeline, resourceClass: string): Mapping {
  const tags = pipeline.runners[resourceClass];
  const shards = pipeline.shards.filter((shard) => shard.class === resourceClass);
  return {
    extends: GITLAB_SETUP,
    stage: stageOf[job.kind],
    ...(tags === undefined ? {} : { tags }),
    rules: job.on.map((trigger) => rule(trigger, job, pipeline)),
    needs: needsOf(job, pipeline),
    ...(job.sharded === true ? { parallel: { matrix: [{ [SHARD]: shards.map(({ name }) => name) }] } } : {}),
    interruptible: job.on.includes('pull-request'),
    ...(job.environment === undefined
      ? {}
      : { environment: { name: job.environment }, resource_group: job.environment }),
    // Its environment is chosen when it is asked for, and takes its turn with that environment's deployments.
    ...(job.kind === 'rollback'
      ? {
          environment: { name: `$${rollbackInputs.environment}` },
          resource_group: `$${rollbackInputs.environment}`,
        }
      : {}),
    ...(job.kind === 'advance' ? { resource_group: 'nx-mlops-advance' } : {}),
    ...cacheOf(job, pipeline),
    script: job.steps.map(({ run }) => run),
    ...artifactsOf(job, pipeline),
  };
}

function needsOf(job: Job, pipeline: Pipeline): (string | Mapping)[] {
  const needs = job.needs.flatMap((id) => {
    const isSharded = pipeline.jobs.some((each) => each.id === id && each.sharded === true);
    return isSharded ? classesOf(pipeline).map((name) => classJobId(id, name)) : [id];
  });
  return [...needs, ...cacheWritersBefore(job, pipeline).map((id) => ({ job: id, artifacts: false }))];
}

/**
 * The cache is as the job that came last left it. Of two that ran at once it could be the one that does not know the last
 * green commit.
 */
function cacheWritersBefore(job: Job, { jobs }: Pipeline): string[] {
  if (job.state !== 'write') return [];
  return jobs
    .slice(0, jobs.indexOf(job))
    .filter((each) => each.state === 'write' && each.on.some((trigger) => job.on.includes(trigger)))
    .map(({ id }) => id);
}

function cacheOf({ state }: Job, { mainBranch }: Pipeline): Mapping {
  if (state === undefined) return {};
  return {
    cache: [
      new Reference([GITLAB_SETUP, 'cache']),
      {
        key: 'nx-mlops-$CI_COMMIT_REF_SLUG',
        fallback_keys: [`nx-mlops-${slugOf(mainBranch)}`],
        paths: [`${layout.ci}/state.json`, `${layout.ci}/cache/`],
        policy: state === 'read' ? 'pull' : 'pull-push',
        when: 'always',
      },
    ],
  };
}

/** As CI_COMMIT_REF_SLUG writes a branch. */
function slugOf(branch: string): string {
  return branch
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

function artifactsOf(job: Job, { junit }: Pipeline): Mapping {
  if (job.keeps.length === 0) return {};
  // Where one job reports, its files are shown once, by the job that made them.
  const shows = job.kind === 'check' || job.kind === 'data';
  return {
    artifacts: {
      when: 'always',
      expire_in: '30 days',
      paths: job.keeps,
      ...(shows
        ? {
            reports: {
              junit,
              ...(job.kind === 'check' ? { metrics: [`${layout.ci}/out/**/${layout.gateMetrics}`] } : {}),
            },
          }
        : {}),
    },
  };
}

function rule(trigger: Trigger, job: Job, pipeline: Pipeline): Mapping {
  const token = job.usesNxCache === true && !pipeline.nxCloud ? cacheToken(trigger) : undefined;
  return {
    if: ruleCondition(trigger, pipeline),
    ...(job.evenAfterFailure === true ? { when: 'always' } : {}),
    // Deployments wait for the report, but are not kept by one that could not be written.
    ...(job.kind === 'report' && trigger === 'main' ? { allow_failure: true } : {}),
    // A promotion that nobody asks for leaves the pipeline green, and with that its commit the base of the next one.
    ...(job.approval === true ? { when: 'manual', allow_failure: true } : {}),
    ...(token === undefined ? {} : { variables: { NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token } }),
  };
}

/** Main's entries are trusted, a merge request's are its own. */
function cacheToken(trigger: Trigger): string {
  return trigger === 'pull-request'
    ? '$NX_MLOPS_CACHE_PULL_REQUEST_TOKEN.mr-$CI_MERGE_REQUEST_IID'
    : '$NX_MLOPS_CACHE_TRUSTED_TOKEN';
}

function ruleCondition(trigger: Trigger, { mainBranch, advanceSchedule }: Pipeline): string {
  switch (trigger) {
    case 'pull-request':
      return '$CI_PIPELINE_SOURCE == "merge_request_event"';
    case 'main':
      return `$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "${mainBranch}"`;
    case 'data':
      return advanceSchedule === undefined
        ? '$CI_PIPELINE_SOURCE == "schedule"'
        : `$CI_PIPELINE_SOURCE == "schedule" && $${SCHEDULE} != "advance"`;
    case 'advance':
      return `$CI_PIPELINE_SOURCE == "schedule" && $${SCHEDULE} == "advance"`;
    case 'rollback':
      return `$CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == "${mainBranch}" && $${rollbackInputs.model}`;
  }
}
