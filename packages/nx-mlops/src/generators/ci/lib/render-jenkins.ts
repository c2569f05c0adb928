import { DEFAULT_RESOURCE_CLASS } from '@nx-mlops/core';
import { anyDeployedFile, deployJob, promoteJob } from '../../../ci/deliver/deployed-file';
import { indented, markedPart } from './marked-parts';
import {
  ADVANCE_MINUTES,
  OUT,
  PLAN,
  rollbackInputs,
  SHARD,
  withReportInCheck,
  type Job,
  type Pipeline,
  type Shard,
  type Step,
  type Trigger,
} from './pipeline';

/** Jenkins does not say whose pull request it builds, so people do. Split into words by the shell. */
const REPORT_OPTIONS = 'MLOPS_REPORT_OPTIONS';

/** How long a promotion waits for somebody. No executor is held meanwhile. */
const APPROVAL_DAYS = 7;
/** After which a build is stopped; beyond the wait for approvals. */
const BUILD_DAYS = 14;

/** The Jenkinsfile of a pipeline, whole. Declarative; what it needs stands in docs/ci.md. */
export function renderJenkins(description: Pipeline, setup: readonly string[]): string {
  const pipeline = withReportInCheck(description);
  return `// Made by nx g nx-mlops:ci and kept by nx sync: what is between the marks follows mlops.json.
// The rest of this file is yours. See docs/ci.md of nx-mlops.

// Yours: what every stage does on its machine before its work.
void setUp() {
${setup.map((line) => `  sh ${groovyText(line)}\n`).join('')}}

// Yours: which credentials a stage sees. The purpose is plan, check, report, deploy, promote, data, monitor, advance
// or rollback; docs/ci.md has examples.
void withAccess(String purpose, Closure body) {
  body()
}

${markedPart('functions', functions(pipeline), '//')}
pipeline {
  agent none

  // Yours: variables of every stage.
  environment {
    NX_DAEMON = 'false'
    // Where the report comments, such as '--provider=github --repository=acme/shop'.
    ${REPORT_OPTIONS} = ''
  }

${markedPart('settings', settings(pipeline), '//', 2)}
  stages {
${markedPart('stages', stages(pipeline), '//', 4)}  }
}
`;
}

/** A text in single quotes: Groovy puts nothing into it, so what \`$\` means is left to the shell. */
function groovyText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function functions(pipeline: Pipeline): string {
  const { mainBranch, advanceSchedule } = pipeline;
  return `delivered = []
approved = []

boolean isPullRequest() {
  return env.CHANGE_ID != null
}

boolean isMain() {
  return env.BRANCH_NAME == ${groovyText(mainBranch)}
}

boolean isTimer() {
  return !currentBuild.getBuildCauses('hudson.triggers.TimerTrigger$TimerTriggerCause').isEmpty()
}

boolean isRollback() {
  return isMain() && params.${rollbackInputs.model}
}

boolean isCheck() {
  return isPullRequest() || isPushToMain()
}

boolean isPushToMain() {
  return isMain() && !isTimer() && !isRollback()
}
${
  advanceSchedule === undefined
    ? `
boolean isData() {
  return isMain() && isTimer()
}
`
    : `
boolean isData() {
  return isMain() && isTimer() && !isAdvance()
}

// A build does not know which line of its cron started it, but its minute tells.
boolean isAdvance() {
  return isMain() && isTimer() && minuteOfQuarter() == ${firstMinute(advanceSchedule)}
}

long minuteOfQuarter() {
  return ((long) (currentBuild.timeInMillis / 60000)) % ${ADVANCE_MINUTES}
}
`
}
// A newer build of a pull request ends the older ones.
void endOlderBuilds() {
  if (isPullRequest()) {
    int number = env.BUILD_NUMBER as int
    if (number > 1) {
      milestone(number - 1)
    }
    milestone(number)
  }
}

// What the git plugin knows is in the environment only after a checkout of its own.
void checkOut() {
  def known = checkout(scm)
  if (known instanceof Map && known.GIT_PREVIOUS_SUCCESSFUL_COMMIT) {
    env.GIT_PREVIOUS_SUCCESSFUL_COMMIT = known.GIT_PREVIOUS_SUCCESSFUL_COMMIT
  }
  sh 'rm -rf ${OUT} ${PLAN}'
}
${shardFunctions(pipeline)}`;
}

function firstMinute(cron: string): number {
  return Number(cron.split(',')[0]);
}

function settings({ mainBranch, dataSchedule, advanceSchedule, environments }: Pipeline): string {
  const { model, environment, reason } = rollbackInputs;
  const crons = [dataSchedule, advanceSchedule].filter((cron) => cron !== undefined);
  const triggers =
    crons.length === 0
      ? ''
      : `triggers {
  cron(env.BRANCH_NAME == ${groovyText(mainBranch)} ? ${groovyText(crons.join('\n')).replaceAll('\n', '\\n')} : '')
}
`;
  // The last one is what users see, so it comes first in the list, which is its default.
  const choices = [...environments].reverse().map(groovyText).join(', ');
  return `options {
  buildDiscarder(logRotator(numToKeepStr: '50', artifactNumToKeepStr: '20'))
  skipDefaultCheckout()
  timeout(time: ${BUILD_DAYS}, unit: 'DAYS')
  timestamps()
}
${triggers}parameters {
  string(name: '${model}', defaultValue: '', description: 'To roll back: name of the model')
  choice(name: '${environment}', choices: [${choices}], description: 'To roll back: the environment')
  string(name: '${reason}', defaultValue: '', description: 'To roll back: why, for the history')
}`;
}

function stages(pipeline: Pipeline): string {
  let ordinal = 0;
  return pipeline.jobs
    .map((job) => {
      if (job.environment === undefined) return stageOf(job, pipeline);
      ordinal += 1;
      return job.approval === true ? promotion(job, pipeline, ordinal) : deployment(job, pipeline, ordinal);
    })
    .join('\n\n');
}

function stageOf(job: Job, pipeline: Pipeline): string {
  if (job.sharded === true) return parallelStage(job, pipeline);
  return `stage(${groovyText(job.title)}) {
  when {
    beforeAgent true
    expression { ${conditionOf(job)} }
  }
  ${agentOf(pipeline, DEFAULT_RESOURCE_CLASS)}
  steps {
    script {
      ${job.kind === 'plan' || (job.kind === 'check' && pipeline.shards.length === 0) ? 'endOlderBuilds()\n      ' : ''}checkOut()
      setUp()
${indented(unstashes(job, pipeline), 6)}${indented(commands(job), 6)}
    }
  }
${indented(post(job, pipeline), 2)}}`;
}

function parallelStage(job: Job, pipeline: Pipeline): string {
  const branches = pipeline.shards.map((shard) => shardStage(pipeline, shard)).join('\n');
  return `stage(${groovyText(job.title)}) {
  when {
    expression { ${conditionOf(job)} }
  }
  parallel {
${indented(branches, 4)}
  }
}`;
}

function shardStage(pipeline: Pipeline, shard: Shard): string {
  return `stage(${groovyText(`Check ${shard.name}`)}) {
  ${agentOf(pipeline, shard.class)}
  environment {
    ${SHARD} = ${groovyText(shard.name)}
  }
  steps {
    script {
      checkShard()
    }
  }
  post {
    always {
      keepShard(${groovyText(shard.name)})
    }
  }
}`;
}

/** Once for all shards: a stage of its own text for each would soon be more than one Java method may hold. */
function shardFunctions(pipeline: Pipeline): string {
  const job = pipeline.jobs.find(({ sharded }) => sharded === true);
  if (job === undefined) return '';
  return `
void checkShard() {
  checkOut()
  setUp()
${indented(unstashes(job, pipeline), 2)}${indented(commands(job), 2)}
}

void keepShard(String shard) {
  stash(name: "out-$\{shard}", includes: '${OUT}/**', allowEmpty: true)
${indented(published(job, pipeline), 2)}
}
`;
}

/** Of two builds at once only one is here, and the older one never comes after the newer. */
function deployment(job: Job, pipeline: Pipeline, ordinal: number): string {
  return `stage(${groovyText(job.title)}) {
  when {
    expression { ${conditionOf(job)} }
  }
  steps {
${indented(lockedWork(job, pipeline, ordinal), 4)}
  }
}`;
}

function promotion(job: Job, pipeline: Pipeline, ordinal: number): string {
  const environment = groovyText(job.environment as string);
  const from = pipeline.environments[pipeline.environments.indexOf(job.environment as string) - 1] as string;
  return `stage(${groovyText(`Approve ${job.environment}`)}) {
  when {
    expression { ${conditionOf(job)} && delivered.contains(${groovyText(from)}) }
  }
  steps {
    // Nobody's answer, or a no, leaves the build as it is.
    catchError(buildResult: 'SUCCESS', stageResult: 'NOT_BUILT', message: 'Not promoted.') {
      timeout(time: ${APPROVAL_DAYS}, unit: 'DAYS') {
        input(message: ${groovyText(`Promote what ${from} got to ${job.environment}?`)}, ok: 'Promote')
      }
      script {
        approved.add(${environment})
      }
    }
  }
}

stage(${groovyText(job.title)}) {
  when {
    expression { ${conditionOf(job)} && approved.contains(${environment}) }
  }
  steps {
${indented(lockedWork(job, pipeline, ordinal), 4)}
  }
}`;
}

function lockedWork(job: Job, pipeline: Pipeline, ordinal: number): string {
  const environment = job.environment as string;
  const folder = environment === pipeline.environments[0] ? deployJob(environment) : promoteJob(environment);
  return `lock(${groovyText(`nx-mlops-${job.environment}`)}) {
  milestone(${ordinal})
  node(${groovyText(labelOf(pipeline, DEFAULT_RESOURCE_CLASS) ?? '')}) {
    script {
      checkOut()
      setUp()
${indented(unstashes(job, pipeline), 6)}${indented(commands(job), 6)}
      stash(name: ${groovyText(`out-${job.id}`)}, includes: ${groovyText(archived(job))}, allowEmpty: true)
      archiveArtifacts(artifacts: ${groovyText(archived(job))}, allowEmptyArchive: true)
      // Nobody is asked for the promotion of nothing.
      if (fileExists(${groovyText(anyDeployedFile(folder))})) {
        delivered.add(${groovyText(environment)})
      }
    }
  }
}`;
}

/** A report of a check comes after a check that failed, a deployment does not. */
function conditionOf({ on, kind }: Job): string {
  const [only, ...others] = on.map(whenOf);
  const event = others.length === 0 ? (only as string) : 'isCheck()';
  return kind === 'deploy' || kind === 'promote'
    ? `${event} && currentBuild.currentResult == 'SUCCESS'`
    : event;
}

function whenOf(trigger: Trigger): string {
  switch (trigger) {
    case 'pull-request':
      return 'isPullRequest()';
    case 'main':
      return 'isPushToMain()';
    case 'data':
      return 'isData()';
    case 'advance':
      return 'isAdvance()';
    case 'rollback':
      return 'isRollback()';
  }
}

function agentOf(pipeline: Pipeline, resourceClass: string): string {
  const label = labelOf(pipeline, resourceClass);
  return label === undefined ? 'agent any' : `agent { label ${groovyText(label)} }`;
}

function labelOf({ runners }: Pipeline, resourceClass: string): string | undefined {
  return runners[resourceClass]?.join(' && ');
}

function unstashes(job: Job, { shards }: Pipeline): string {
  const checked = shards.length === 0 ? ['check'] : shards.map(({ name }) => name);
  const read = job.reads === undefined ? [] : job.reads === 'check' ? checked : [job.reads];
  const names = [...(job.needs.includes('plan') ? ['plan'] : []), ...read.map((name) => `out-${name}`)];
  return names.map((name) => `unstash(${groovyText(name)})\n`).join('');
}

/** The lines of a job, with what they may see around them. */
function commands(job: Job): string {
  const purpose = ({ secret }: Step) => (secret === 'comment' ? 'report' : job.kind);
  // What comes after a failure needs it held back; the build is red all the same.
  const isHeldBack = (index: number) =>
    job.kind === 'check' || job.steps.slice(index + 1).some((step) => step.evenAfterFailure === true);
  const blocks: string[] = [];
  for (let index = 0; index < job.steps.length;) {
    const step = job.steps[index] as Step;
    const holds = isHeldBack(index);
    let end = index + 1;
    while (!holds && end < job.steps.length && purpose(job.steps[end] as Step) === purpose(step)) end += 1;
    const lines = job.steps
      .slice(index, end)
      .map(({ run, secret }) => groovyText(secret === 'comment' ? `${run} $${REPORT_OPTIONS}` : run))
      .map((line) => `sh ${line}`);
    const block = `withAccess('${purpose(step)}') {\n${indented(lines.join('\n'), 2)}\n}`;
    blocks.push(
      holds
        ? `catchError(buildResult: 'FAILURE', stageResult: 'FAILURE') {\n${indented(block, 2)}\n}`
        : block,
    );
    index = end;
  }
  return blocks.join('\n');
}

function post(job: Job, pipeline: Pipeline): string {
  if (job.keeps.length === 0) return '';
  const stashed =
    job.kind === 'plan'
      ? `stash(name: 'plan', includes: '${PLAN}', allowEmpty: true)\n`
      : job.kind === 'check'
        ? `stash(name: 'out-check', includes: '${OUT}/**', allowEmpty: true)\n`
        : '';
  return `post {
  always {
${indented(`${stashed}${published(job, pipeline)}`, 4)}
  }
}
`;
}

/** What people see of a job. */
function published(job: Job, { junit }: Pipeline): string {
  const shows = job.kind === 'check' || job.kind === 'data';
  const excludes = job.kind === 'check' ? `, excludes: '${OUT}/*/entries/**'` : '';
  return `${
    shows ? `junit(testResults: ${groovyText(junit.join(', '))}, allowEmptyResults: true)\n` : ''
  }archiveArtifacts(artifacts: ${groovyText(archived(job))}${excludes}, allowEmptyArchive: true)`;
}

/** Ant's patterns want two stars where others take a slash. */
function archived({ keeps }: Job): string {
  return keeps.map((path) => path.replace(/\/$/, '/**')).join(', ');
}
