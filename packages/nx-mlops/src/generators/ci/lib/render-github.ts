import { DEFAULT_RESOURCE_CLASS, layout } from '@nx-mlops/core';
import { indented, markedPart } from './marked-parts';
import {
  OUT,
  rollbackInputs,
  SHARD,
  withReportInCheck,
  type Job,
  type Pipeline,
  type Step,
  type Trigger,
} from './pipeline';
import { yamlEntries, yamlText } from './render-yaml';

type Mapping = Readonly<Record<string, unknown>>;

const STATE = `${layout.ci}/state.json`;
const CACHE = `${layout.ci}/cache`;

/** The setup of every job; people's own from the day it is written. */
export const GITHUB_SETUP = '.github/actions/nx-mlops-setup';

/**
 * The workflow of a pipeline, whole.
 *
 * @param needsIdToken whether the setup trades GitHub's identity for a cloud's credentials
 */
export function renderGithub(description: Pipeline, needsIdToken = false): string {
  const pipeline = withReportInCheck(description);
  const jobs = pipeline.jobs.flatMap((job) => githubJobs(job, pipeline, needsIdToken));
  return `# Made by nx g nx-mlops:ci and kept by nx sync: what is between the marks follows mlops.json.
# The rest of this file is yours. See docs/ci.md of nx-mlops.
name: nx-mlops

on:
${markedPart('triggers', yamlText(triggers(pipeline)), '#', 2)}
${markedPart('settings', yamlText(settings), '#')}
# Yours: variables of every job, such as AWS_REGION.
env:
  NX_DAEMON: "false"

jobs:
${markedPart('jobs', yamlEntries(jobs), '#', 2)}`;
}

/** The composite action that every job begins with. */
export function renderGithubSetup(steps: readonly Mapping[]): string {
  return `# Made once by nx g nx-mlops:ci, yours from now on: what every job does before its work.
name: Set up nx-mlops
description: Node.js and the packages of the workspace
runs:
  using: composite
  steps:
${indented(yamlText(steps), 4)}`;
}

function triggers({ mainBranch, dataSchedule, advanceSchedule, environments }: Pipeline): Mapping {
  const crons = [dataSchedule, advanceSchedule].filter((cron) => cron !== undefined);
  return {
    pull_request: null,
    push: { branches: [mainBranch] },
    ...(crons.length === 0 ? {} : { schedule: crons.map((cron) => ({ cron })) }),
    workflow_dispatch: {
      inputs: {
        model: { description: 'Model to roll back', required: true, type: 'string' },
        environment: {
          description: 'Environment that goes back',
          required: true,
          type: 'choice',
          options: environments,
          default: environments.at(-1),
        },
        reason: { description: 'Why, for the history', required: true, type: 'string' },
      },
    },
  };
}

const settings: Mapping = {
  // Each job says what it may.
  permissions: {},
  concurrency: {
    group: "nx-mlops-${{ github.event_name == 'pull_request' && github.event.number || github.run_id }}",
    'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
  },
};

function githubJobs(job: Job, pipeline: Pipeline, needsIdToken: boolean): [string, Mapping][] {
  const main: [string, Mapping] = [job.id, githubJob(job, pipeline, needsIdToken)];
  if (job.approval !== true) return [main];
  // A job that waits for its reviewers holds its concurrency group all that time, and would keep a newer promotion
  // and every rollback waiting. So one job waits, and another one works.
  const approval = approvalId(job);
  return [
    [
      approval,
      {
        name: `Approve ${job.environment}`,
        if: condition(job, pipeline),
        needs: job.needs.length === 1 ? job.needs[0] : job.needs,
        'runs-on': runsOn(pipeline, DEFAULT_RESOURCE_CLASS),
        environment: job.environment,
        permissions: {},
        steps: [{ run: 'echo "Approved."' }],
      },
    ],
    main,
  ];
}

function approvalId({ id }: Job): string {
  return id.replace(/^promote-/, 'approve-');
}

function githubJob(job: Job, pipeline: Pipeline, needsIdToken: boolean): Mapping {
  const needs = job.approval === true ? [approvalId(job)] : job.needs;
  return {
    name: job.sharded === true ? `${job.title} \${{ matrix.shard }}` : job.title,
    if: job.approval === true ? afterOnly(approvalId(job)) : condition(job, pipeline),
    ...(needs.length === 0 ? {} : { needs: needs.length === 1 ? needs[0] : needs }),
    ...(job.sharded === true
      ? { strategy: { 'fail-fast': false, matrix: '${{ fromJSON(needs.plan.outputs.matrix) }}' } }
      : {}),
    'runs-on': job.sharded === true ? runsOnByClass(pipeline) : runsOn(pipeline, DEFAULT_RESOURCE_CLASS),
    ...environmentOf(job, pipeline),
    ...concurrencyOf(job),
    permissions: permissionsOf(job, needsIdToken),
    ...outputsOf(job),
    ...envOf(job, pipeline),
    steps: [
      {
        uses: 'actions/checkout@v5',
        with: {
          // Not the merge that GitHub makes: affected is what the branch itself changes.
          ref: '${{ github.event.pull_request.head.sha || github.sha }}',
          'fetch-depth': 0,
          'persist-credentials': false,
        },
      },
      { uses: `./${GITHUB_SETUP}` },
      ...restoreSteps(job, pipeline),
      ...job.steps.map((step) => githubStep(job, step)),
      ...saveSteps(job, pipeline),
    ],
  };
}

/** What a step says to the jobs after it. Its id is the kind of the job. */
function outputsOf({ kind, steps }: Job): Mapping {
  if (!steps.some(({ tellsNext }) => tellsNext)) return {};
  const names = kind === 'plan' ? ['matrix', 'any'] : ['any'];
  return {
    outputs: Object.fromEntries(names.map((name) => [name, `\${{ steps.${kind}.outputs.${name} }}`])),
  };
}

function githubStep(job: Job, { title, run, evenAfterFailure, secret, tellsNext }: Step): Mapping {
  const env = {
    // The base of a push is the last green commit, which GitHub knows.
    ...(findsBase(job) || secret === 'comment' ? { GITHUB_TOKEN: '${{ github.token }}' } : {}),
    ...(job.sharded === true ? { [SHARD]: '${{ matrix.shard }}' } : {}),
    ...(job.kind === 'rollback'
      ? {
          [rollbackInputs.model]: '${{ inputs.model }}',
          [rollbackInputs.environment]: '${{ inputs.environment }}',
          [rollbackInputs.reason]: '${{ inputs.reason }}',
        }
      : {}),
  };
  return {
    name: title,
    ...(tellsNext === true ? { id: job.kind } : {}),
    ...(evenAfterFailure === true ? { if: '${{ !cancelled() }}' } : {}),
    run,
    ...(Object.keys(env).length === 0 ? {} : { env }),
  };
}

function findsBase({ kind, sharded }: Job): boolean {
  return ['plan', 'report', 'deploy'].includes(kind) || (kind === 'check' && sharded !== true);
}

function restoreSteps(job: Job, { nxCloud, shards }: Pipeline): Mapping[] {
  return [
    ...(job.state === undefined ? [] : [restore('state', STATE)]),
    ...(job.state === undefined || job.kind === 'plan' || nxCloud ? [] : [restore('cache', CACHE)]),
    ...(shards.length > 0 && job.needs.includes('plan')
      ? [
          {
            uses: 'actions/download-artifact@v7',
            ...(job.evenAfterFailure === true ? { 'continue-on-error': true } : {}),
            with: { name: 'nx-mlops-plan', path: layout.ci },
          },
        ]
      : []),
    ...downloads(job, shards.length > 0),
  ];
}

function downloads({ reads }: Job, isSpread: boolean): Mapping[] {
  if (reads === undefined) return [];
  // By a pattern, for a check of nothing leaves nothing, and a name that is not there would be a failure.
  const from =
    reads === 'check'
      ? { pattern: isSpread ? 'nx-mlops-check-*' : 'nx-mlops-check', 'merge-multiple': true }
      : { name: `nx-mlops-${reads}` };
  return [{ uses: 'actions/download-artifact@v7', with: { ...from, path: OUT } }];
}

/** What a pull request saves, GitHub shows to that pull request only. */
function restore(what: string, path: string): Mapping {
  return {
    uses: 'actions/cache/restore@v5',
    with: {
      path,
      key: `nx-mlops-${what}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
      'restore-keys': `nx-mlops-${what}-`,
    },
  };
}

function saveSteps(job: Job, { nxCloud }: Pipeline): Mapping[] {
  const always = { if: '${{ !cancelled() }}' };
  const save = (what: string, path: string) => ({
    ...always,
    uses: 'actions/cache/save@v5',
    with: { path, key: `nx-mlops-${what}-\${{ github.run_id }}-\${{ github.run_attempt }}-${job.id}` },
  });
  return [
    ...artifactsOf(job).map(({ name, paths }) => ({
      ...always,
      uses: 'actions/upload-artifact@v6',
      with: {
        name,
        path: paths.length === 1 ? paths[0] : paths.join('\n'),
        'include-hidden-files': true,
        'if-no-files-found': 'ignore',
        overwrite: true,
        'retention-days': 30,
      },
    })),
    ...(job.state === 'write' ? [save('state', STATE)] : []),
    // A deployment trains nothing, so what the check left is all there is.
    ...(job.state === 'write' && job.kind !== 'deploy' && !nxCloud ? [save('cache', CACHE)] : []),
  ];
}

/** One for each part: the paths of an artifact begin below the folder that all its files share. */
function artifactsOf(job: Job): { name: string; paths: string[] }[] {
  const name = job.sharded === true ? 'nx-mlops-check-${{ matrix.shard }}' : `nx-mlops-${job.id}`;
  const results = job.keeps.filter((path) => path.startsWith(`${OUT}/`));
  const others = job.keeps.filter((path) => !results.includes(path));
  return [
    ...(results.length === 0
      ? []
      : [{ name: job.kind === 'data' ? `${name}-results` : name, paths: results }]),
    ...(others.length === 0
      ? []
      : [{ name: job.kind === 'check' ? 'nx-mlops-report' : name, paths: others }]),
  ];
}

function runsOn({ runners }: Pipeline, resourceClass: string): string | readonly string[] {
  const labels = runners[resourceClass] ?? ['ubuntu-latest'];
  return labels.length === 1 ? (labels[0] as string) : labels;
}

/** The matrix of the plan names classes; which machines those are is said here. */
function runsOnByClass(pipeline: Pipeline): string | readonly string[] {
  const classes = [...new Set(pipeline.shards.map((shard) => shard.class))];
  if (classes.length === 1) return runsOn(pipeline, DEFAULT_RESOURCE_CLASS);
  const labels = Object.fromEntries(classes.map((name) => [name, runsOn(pipeline, name)]));
  return `\${{ fromJSON('${JSON.stringify(labels).replaceAll("'", "''")}')[matrix.class] }}`;
}

function permissionsOf(job: Job, needsIdToken: boolean): Mapping {
  const comments = job.steps.some(({ secret }) => secret === 'comment');
  return {
    ...(findsBase(job) ? { actions: 'read' } : {}),
    contents: 'read',
    ...(needsIdToken ? { 'id-token': 'write' } : {}),
    ...(comments ? { 'pull-requests': 'write' } : {}),
  };
}

/** The environment of a deployment; a promotion has its own in the job that waits for approval. */
function environmentOf(job: Job, { nxCloud }: Pipeline): Mapping {
  if (job.kind === 'deploy') return { environment: job.environment };
  if (job.usesNxCache !== true || nxCloud) return {};
  return {
    // Its secret is the token whose entries main trusts, which no pull request may have.
    environment:
      "${{ github.event_name == 'push' && vars.NX_SELF_HOSTED_REMOTE_CACHE_SERVER != '' && 'trusted-cache' || '' }}",
  };
}

function concurrencyOf(job: Job): Mapping {
  const group = job.environment ?? (job.kind === 'advance' ? 'advance' : undefined);
  return group === undefined
    ? {}
    : { concurrency: { group: `nx-mlops-${group}`, 'cancel-in-progress': false } };
}

const TRUSTED = 'secrets.NX_MLOPS_CACHE_TRUSTED_TOKEN';
const PULL_REQUEST = 'secrets.NX_MLOPS_CACHE_PULL_REQUEST_TOKEN';

/**
 * Whoever has no token is not sent to the server, which would refuse him and fail the build: forks and Dependabot get
 * no secrets.
 */
function envOf(job: Job, { nxCloud }: Pipeline): Mapping {
  if (job.usesNxCache !== true) return {};
  if (nxCloud) return { env: { NX_CLOUD_ACCESS_TOKEN: '${{ secrets.NX_CLOUD_ACCESS_TOKEN }}' } };
  const server = 'vars.NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
  if (job.kind === 'deploy') {
    return {
      env: {
        NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `\${{ ${TRUSTED} != '' && ${server} || '' }}`,
        NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: `\${{ ${TRUSTED} }}`,
      },
    };
  }
  const isPullRequest = "github.event_name == 'pull_request'";
  return {
    env: {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `\${{ (${isPullRequest} && ${PULL_REQUEST} != '' || github.event_name != 'pull_request' && ${TRUSTED} != '') && ${server} || '' }}`,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: `\${{ ${isPullRequest} && format('{0}.pr-{1}', ${PULL_REQUEST}, github.event.number) || ${TRUSTED} }}`,
    },
  };
}

function condition(job: Job, pipeline: Pipeline): string {
  const events = job.on.map((trigger) => eventCondition(trigger, pipeline));
  const event = events.length === 1 ? (events[0] as string) : `(${events.join(' || ')})`;
  if (job.needs.length === 0) return expression(events.join(' || '));
  if (job.sharded === true) return expression(`needs.plan.outputs.any == 'true'`);
  if (job.evenAfterFailure === true) return expression(`!cancelled() && ${event}`);
  if (job.kind === 'deploy') {
    // Nothing to check is skipped, and that is well.
    const results =
      pipeline.shards.length === 0
        ? "needs.check.result == 'success'"
        : "needs.plan.result == 'success' && (needs.check.result == 'success' || needs.plan.outputs.any == 'false')";
    return expression(`!cancelled() && ${event} && ${results}`);
  }
  // Nobody is asked for the promotion of nothing, as after an edit of a README.
  const before = job.needs[0] as string;
  return afterOnly(before, ` && needs.${before}.outputs.any == 'true'`);
}

/** Success of that one alone: GitHub's own success() also asks for jobs before it, one of which may be skipped. */
function afterOnly(id: string, and = ''): string {
  return expression(`!cancelled() && needs.${id}.result == 'success'${and}`);
}

function expression(text: string): string {
  return `\${{ ${text} }}`;
}

function eventCondition(trigger: Trigger, { mainBranch, dataSchedule, advanceSchedule }: Pipeline): string {
  const onMain = `github.ref == 'refs/heads/${mainBranch.replaceAll("'", "''")}'`;
  const schedule = (cron: string | undefined) =>
    `github.event_name == 'schedule' && github.event.schedule == '${cron ?? ''}'`;
  switch (trigger) {
    case 'pull-request':
      return "github.event_name == 'pull_request'";
    case 'main':
      return `github.event_name == 'push' && ${onMain}`;
    case 'data':
      return schedule(dataSchedule);
    case 'advance':
      return schedule(advanceSchedule);
    case 'rollback':
      return `github.event_name == 'workflow_dispatch' && ${onMain}`;
  }
}
