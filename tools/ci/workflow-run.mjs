import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { mustRun, run as runProgram } from '../workspace/run.mjs';
import { actionsLibraries } from './actions-libraries.mjs';
import { Expressions } from './expressions.mjs';
import { WorkflowJob } from './workflow-job.mjs';

/**
 * What all jobs of one run share.
 *
 * @typedef {object} Run
 * @property {object} workflow the parsed file
 * @property {Expressions} expressions
 * @property {string} repository
 * @property {string} defaultBranch
 * @property {string} cacheFolder
 * @property {string} artifactFolder
 * @property {Record<string, unknown>} github
 * @property {Record<string, string>} env
 * @property {(folder: string) => Promise<void>} install
 * @property {(script: string) => boolean} isInstall
 * @property {(line: string) => void} log
 */

/**
 * @typedef {object} JobResult
 * @property {string} id key of the job in the workflow
 * @property {string} name as shown
 * @property {Record<string, unknown>} [matrix]
 * @property {'success' | 'failure' | 'skipped' | 'cancelled' | 'waiting'} conclusion waiting: for an approval
 * @property {import('./workflow-job.mjs').StepResult[]} steps
 * @property {Record<string, string>} outputs
 * @property {unknown} runsOn `runs-on`, as evaluated
 * @property {{ name: string, url?: string }} [environment]
 * @property {{ group: string, cancelInProgress: boolean }} [concurrency]
 * @property {unknown} [permissions]
 * @property {string} [message] why no step ran
 * @property {string} folder of the runner
 */

/**
 * Runs a workflow of GitHub on this machine: its `run` steps for real, each job in a fresh clone in a folder whose name has
 * a space, with stand-ins for the actions that our workflows use. Jobs run one after another.
 *
 * @param {object} options
 * @param {string} options.workflowText YAML
 * @param {'push' | 'pull_request' | 'schedule' | 'workflow_dispatch' | string} options.event
 * @param {Record<string, any>} [options.payload] of the event; see `pushEvent` and `pullRequestEvent`
 * @param {string} options.repository folder of a git repository, what GitHub would hold
 * @param {string} [options.ref] full name, default refs/heads/<default branch>
 * @param {string} [options.defaultBranch] default main
 * @param {Record<string, string>} [options.vars]
 * @param {Record<string, string>} [options.secrets] GITHUB_TOKEN is there with a made-up value unless given here
 * @param {Record<string, { approve?: boolean, vars?: Record<string, string>, secrets?: Record<string, string> }>} [options.environments]
 *   protected ones: approve true lets a job pass, false rejects it, without it the job waits; others are not protected
 * @param {string} options.cacheFolder what lasts between runs
 * @param {string} [options.workFolder] for runners and artifacts, default a new one in the system's temp folder
 * @param {(folder: string) => Promise<void>} [options.install] in place of the install command
 * @param {RegExp} [options.installCommand] a run step that is this whole is the install command, default `npm ci`
 * @param {Record<string, string>} [options.env] further variables of the runner
 * @param {string} [options.githubRepository] default owner/repository
 * @param {string} [options.workflowFile] default .github/workflows/workflow.yml
 * @param {string} [options.apiUrl] default one that nobody answers at
 * @param {number} [options.runNumber]
 * @param {{ sha: string, jobs: JobResult[], summary: string, workFolder: string }} [options.resume] an earlier result that waited:
 *   its run goes on, as after an approval, for its own commit, and what ran is not run again
 * @param {boolean} [options.echo] print each step as it ends
 * @returns {Promise<{ conclusion: 'success' | 'failure' | 'waiting' | 'skipped', triggered: boolean, sha: string, jobs: JobResult[],
 *   summary: string, artifacts: string[], artifactFolder: string, workFolder: string,
 *   concurrency?: { group: string, cancelInProgress: boolean } }>}
 *   not triggered: the workflow's `on` does not name the event, and no job ran
 */
export async function runWorkflow({
  workflowText,
  event,
  payload = {},
  repository,
  defaultBranch = 'main',
  ref = `refs/heads/${defaultBranch}`,
  vars = {},
  secrets = {},
  environments = {},
  cacheFolder,
  workFolder,
  install,
  installCommand = /^npm ci\b[^\n;&|]*$/,
  env = {},
  githubRepository = 'owner/repository',
  workflowFile = '.github/workflows/workflow.yml',
  apiUrl = 'https://api.github.invalid',
  runNumber = 1,
  resume,
  echo = false,
}) {
  const { parseYaml } = await actionsLibraries();
  const workflow = parseYaml(workflowText);
  const expressions = await Expressions.create();
  const folder = resume?.workFolder ?? workFolder ?? (await mkdtemp(join(tmpdir(), 'workflow run ')));
  const artifactFolder = join(folder, 'artifacts');
  for (const each of [artifactFolder, cacheFolder]) mkdirSync(each, { recursive: true });
  const sha = resume?.sha ?? (await commitOf(repository, ref));
  const github = githubContext({
    event,
    payload,
    ref,
    sha,
    githubRepository,
    workflowFile,
    apiUrl,
    runNumber,
    name: workflow.name ?? 'workflow',
    token: secrets.GITHUB_TOKEN ?? 'made-up-github-token',
  });
  const run = {
    workflow,
    expressions,
    repository,
    defaultBranch,
    cacheFolder,
    artifactFolder,
    github,
    env,
    install: install ?? (() => Promise.reject(new Error('runWorkflow was given no install()'))),
    isInstall: (script) => install !== undefined && installCommand.test(script.trim()),
    log: echo ? (line) => console.log(line) : () => undefined,
  };
  if (!isTriggered(workflow.on, event, payload, github))
    return {
      conclusion: 'skipped',
      triggered: false,
      sha,
      jobs: [],
      summary: '',
      artifacts: [],
      artifactFolder,
      workFolder: folder,
    };
  const eventPath = join(folder, 'event.json');
  writeFileSync(eventPath, JSON.stringify(payload, null, 2));
  const contexts = {
    github: { ...github, event_path: eventPath },
    vars,
    secrets: { GITHUB_TOKEN: github.token, ...secrets },
    inputs: inputsOf(workflow.on, payload),
    files: { github: environmentOf(github), eventPath },
  };
  const state = new JobGraph(workflow.jobs);
  const jobs = [];
  let summary = resume?.summary ?? '';
  for (const id of state.order) {
    const earlier = resume?.jobs.filter((job) => job.id === id) ?? [];
    const results = await runJob(run, state, id, contexts, { environments, folder, earlier });
    for (const { summary: text = '', ...result } of results) {
      summary += text;
      jobs.push(result);
      run.log(`── ${result.name}: ${result.conclusion}${result.message ? ` (${result.message})` : ''}`);
    }
  }
  return {
    conclusion: state.conclusion(),
    triggered: true,
    sha,
    jobs,
    summary,
    artifacts: (await readdir(artifactFolder)).sort(),
    artifactFolder,
    workFolder: folder,
    ...concurrencyOf(expressions, workflow.concurrency, { contexts }),
  };
}

/** The jobs that a key of `jobs:` becomes, one for each combination of its matrix. */
async function runJob(run, state, id, base, { environments, folder, earlier }) {
  const { expressions } = run;
  const definition = run.workflow.jobs[id];
  const contexts = { ...base, needs: state.needsOf(id) };
  const scope = { contexts, status: state.statusOf(id) };
  const blank = { id, name: definition.name ?? id, steps: [], outputs: {}, runsOn: undefined, folder: '' };
  const end = (conclusion, message) => {
    state.finish(id, conclusion, {});
    return [{ ...blank, conclusion, ...(message === undefined ? {} : { message }) }];
  };
  if (definition.uses !== undefined)
    throw new Error(`The job ${id} calls ${definition.uses}, which cannot be run here`);
  const conclude = (results) => {
    const worst = worstOf(results);
    const tolerated =
      worst === 'failure' && expressions.resolve(definition['continue-on-error'], scope) === true;
    const outputs = results
      .flatMap((each) => Object.entries(each.outputs))
      .filter(([, value]) => value !== '');
    state.finish(id, tolerated ? 'success' : worst, Object.fromEntries(outputs));
    return results;
  };
  if (earlier.length > 0 && worstOf(earlier) !== 'waiting') return conclude(earlier);
  if (state.isWaiting(id)) return end('waiting', 'a job that it needs waits for an approval');
  try {
    if (!expressions.condition(definition.if, scope)) return end('skipped');
  } catch (error) {
    return end('failure', error.message);
  }
  let combinations;
  try {
    combinations = combinationsOf(expressions.resolve(definition.strategy?.matrix, scope));
  } catch (error) {
    return end('failure', error.message);
  }
  const failFast = expressions.resolve(definition.strategy?.['fail-fast'], scope) ?? true;
  const results = [];
  for (const [index, matrix] of combinations.entries()) {
    const strategy = { 'fail-fast': failFast, 'job-index': index, 'job-total': combinations.length };
    const own = { ...contexts, matrix: matrix ?? {}, strategy };
    const ownScope = { ...scope, contexts: own };
    const name =
      definition.name === undefined
        ? id + (matrix === undefined ? '' : ` (${Object.values(matrix).map(shown).join(', ')})`)
        : expressions.text(definition.name, ownScope);
    const environment = environmentOfJob(expressions.resolve(definition.environment, ownScope));
    const place = join(folder, `${state.order.indexOf(id) + 1} ${id} ${index + 1}`);
    const result = {
      id,
      name,
      ...(matrix === undefined ? {} : { matrix }),
      conclusion: 'success',
      steps: [],
      outputs: {},
      runsOn: expressions.resolve(definition['runs-on'], ownScope),
      ...(environment === undefined ? {} : { environment }),
      ...concurrencyOf(expressions, definition.concurrency, ownScope),
      ...permissionsOf(definition.permissions ?? run.workflow.permissions),
      folder: place,
    };
    results.push(result);
    const guard = environment === undefined ? undefined : environments[environment.name];
    if (failFast === true && results.some((each) => each.conclusion === 'failure')) {
      Object.assign(result, {
        conclusion: 'cancelled',
        message: 'another job of the matrix failed (fail-fast)',
      });
    } else if (guard !== undefined && guard.approve !== true) {
      Object.assign(
        result,
        guard.approve === false
          ? { conclusion: 'failure', message: `${environment.name} was not approved` }
          : { conclusion: 'waiting', message: `waits for the approval of ${environment.name}` },
      );
    } else {
      const job = new WorkflowJob(run, place, definition, {
        ...own,
        github: { ...own.github, job: id },
        files: { ...own.files, github: { ...own.files.github, job: id } },
        vars: { ...own.vars, ...guard?.vars },
        secrets: { ...own.secrets, ...guard?.secrets },
      });
      Object.assign(result, await job.execute());
    }
  }
  return conclude(results);
}

/** Of the jobs of a matrix. */
function worstOf(results) {
  return ['failure', 'cancelled', 'waiting', 'success', 'skipped'].find((each) =>
    results.some(({ conclusion }) => conclusion === each),
  );
}

/** Who waits for whom, and how it went. */
class JobGraph {
  constructor(jobs) {
    this.needs = Object.fromEntries(Object.entries(jobs).map(([id, { needs = [] }]) => [id, [needs].flat()]));
    for (const [id, needs] of Object.entries(this.needs))
      for (const need of needs)
        if (jobs[need] === undefined) throw new Error(`The job ${id} needs ${need}, which is not there`);
    this.done = new Map();
    this.order = [];
    const place = (id, path) => {
      if (this.order.includes(id)) return;
      if (path.includes(id)) throw new Error(`Jobs need each other: ${[...path, id].join(' → ')}`);
      for (const need of this.needs[id]) place(need, [...path, id]);
      this.order.push(id);
    };
    for (const id of Object.keys(jobs)) place(id, []);
  }
  finish(id, result, outputs) {
    this.done.set(id, { result, outputs });
  }
  needsOf(id) {
    return Object.fromEntries(this.needs[id].map((need) => [need, this.done.get(need)]));
  }
  isWaiting(id) {
    return this.needs[id].some((need) => this.done.get(need).result === 'waiting');
  }
  /** On GitHub success() of a job asks all jobs before it, not only those that it names. */
  statusOf(id) {
    const results = [...this.#before(id)].map((each) => this.done.get(each).result);
    return {
      success: results.every((each) => each === 'success'),
      failure: results.includes('failure'),
      always: true,
      cancelled: false,
    };
  }
  conclusion() {
    const results = [...this.done.values()].map(({ result }) => result);
    return ['failure', 'waiting'].find((each) => results.includes(each)) ?? 'success';
  }
  #before(id, found = new Set()) {
    for (const need of this.needs[id]) {
      found.add(need);
      this.#before(need, found);
    }
    return found;
  }
}

/** @returns {(Record<string, unknown> | undefined)[]} */
export function combinationsOf(matrix) {
  if (matrix === undefined || matrix === null) return [undefined];
  const { include = [], exclude = [], ...axes } = matrix;
  let combinations = Object.keys(axes).length === 0 ? [] : [{}];
  for (const [axis, values] of Object.entries(axes)) {
    if (!Array.isArray(values) || values.length === 0)
      throw new Error(`Matrix vector '${axis}' does not contain any values`);
    combinations = combinations.flatMap((each) => values.map((value) => ({ ...each, [axis]: value })));
  }
  combinations = combinations.filter(
    (each) => !exclude.some((one) => Object.entries(one).every(([key, value]) => each[key] === value)),
  );
  const added = [];
  for (const one of include) {
    // It extends each combination of which it would overwrite nothing, else it is one of its own.
    const fits = combinations.filter((each) =>
      Object.entries(one).every(([key, value]) => axes[key] === undefined || each[key] === value),
    );
    for (const each of fits) Object.assign(each, one);
    if (fits.length === 0) added.push({ ...one });
  }
  combinations.push(...added);
  if (combinations.length === 0) throw new Error('Matrix must define at least one vector');
  return combinations;
}

function isTriggered(on, event, payload, github) {
  const events =
    typeof on === 'string'
      ? { [on]: null }
      : Array.isArray(on)
        ? Object.fromEntries(on.map((each) => [each, null]))
        : on;
  if (!(event in events)) return false;
  const filter = events[event] ?? {};
  if (event === 'schedule') return filter.some(({ cron }) => cron === payload.schedule);
  if (event === 'push' && github.ref_type === 'tag') {
    if (filter.tags === undefined) return filter.branches === undefined;
    return matchesAny(filter.tags, github.ref_name);
  }
  if (event === 'push' && filter.branches === undefined && filter.tags !== undefined) return false;
  const branch = event === 'push' ? github.ref_name : github.base_ref;
  if (filter.branches !== undefined && !matchesAny(filter.branches, branch)) return false;
  if (filter['branches-ignore'] !== undefined && matchesAny(filter['branches-ignore'], branch)) return false;
  if (filter.paths !== undefined || filter['paths-ignore'] !== undefined)
    throw new Error(`Filters by path (on.${event}.paths) cannot be tried here`);
  if (event === 'pull_request')
    return (filter.types ?? ['opened', 'synchronize', 'reopened']).includes(payload.action);
  return filter.types === undefined || filter.types.includes(payload.action);
}

function matchesAny(patterns, name) {
  return [patterns].flat().some((pattern) => picomatch.isMatch(name, pattern));
}

function inputsOf(on, payload) {
  const declared = on?.workflow_dispatch?.inputs ?? {};
  const inputs = {};
  for (const [name, { type, default: initial, required, options }] of Object.entries(declared)) {
    const value = payload.inputs?.[name] ?? initial ?? (type === 'boolean' ? false : '');
    if (payload.inputs !== undefined && required && value === '')
      throw new Error(`The input ${name} is required`);
    if (payload.inputs !== undefined && type === 'choice' && !options.includes(value))
      throw new Error(`The input ${name} must be one of ${options.join(', ')}`);
    inputs[name] = type === 'boolean' ? value === true || value === 'true' : value;
  }
  return inputs;
}

function githubContext({
  event,
  payload,
  ref,
  sha,
  githubRepository,
  workflowFile,
  apiUrl,
  runNumber,
  name,
  token,
}) {
  return {
    event_name: event,
    event: payload,
    ref,
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    sha,
    head_ref: payload.pull_request?.head?.ref ?? '',
    base_ref: payload.pull_request?.base?.ref ?? '',
    repository: githubRepository,
    repository_owner: githubRepository.split('/')[0],
    actor: 'octocat',
    triggering_actor: 'octocat',
    run_id: String(1000 + runNumber),
    run_number: String(runNumber),
    run_attempt: '1',
    workflow: name,
    workflow_ref: `${githubRepository}/${workflowFile}@${ref}`,
    server_url: 'https://github.invalid',
    api_url: apiUrl,
    graphql_url: `${apiUrl}/graphql`,
    token,
  };
}

/** What of the context a runner puts into the environment; the token is not among it. */
function environmentOf({ event: _event, token: _token, ...github }) {
  return github;
}

function environmentOfJob(environment) {
  if (environment === undefined || environment === null || environment === '') return undefined;
  return typeof environment === 'string' ? { name: environment } : environment;
}

function concurrencyOf(expressions, concurrency, scope) {
  if (concurrency === undefined) return {};
  const value = expressions.resolve(concurrency, scope);
  const { group, 'cancel-in-progress': cancel = false } =
    typeof value === 'string' ? { group: value } : value;
  return { concurrency: { group, cancelInProgress: cancel } };
}

function permissionsOf(permissions) {
  return permissions === undefined ? {} : { permissions };
}

function shown(value) {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * The event of a push to a branch.
 *
 * @param {string} repository
 * @param {{ branch?: string, before?: string }} [options] before: where the branch was, default the commit before; the
 *   first push has forty zeros
 */
export async function pushEvent(repository, { branch = 'main', before } = {}) {
  const ref = `refs/heads/${branch}`;
  const after = await commitOf(repository, ref);
  const previous = before ?? (await commitOf(repository, `${ref}~1`).catch(() => '0'.repeat(40)));
  return { event: 'push', ref, payload: { ref, before: previous, after, forced: false } };
}

/**
 * The event of a pull request, whose merge commit is made in the repository as GitHub does: refs/pull/<number>/merge.
 *
 * @param {string} repository
 * @param {{ number?: number, head: string, base?: string, action?: string }} options head and base are branches
 */
export async function pullRequestEvent(
  repository,
  { number = 1, head, base = 'main', action = 'synchronize' },
) {
  const git = (...args) => mustRun('git', args, { cwd: repository });
  const headCommit = await commitOf(repository, `refs/heads/${head}`);
  const baseCommit = await commitOf(repository, `refs/heads/${base}`);
  const merged = await runProgram('git', ['merge-tree', '--write-tree', baseCommit, headCommit], {
    cwd: repository,
  });
  if (merged.code !== 0) throw new Error(`${head} cannot be merged into ${base}:\n${merged.output}`);
  const tree = merged.output.trim().split('\n')[0];
  const author = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.invalid'];
  const { output } = await git(
    ...author,
    'commit-tree',
    tree,
    '-p',
    baseCommit,
    '-p',
    headCommit,
    '-m',
    `Merge ${headCommit} into ${baseCommit}`,
  );
  const ref = `refs/pull/${number}/merge`;
  await git('update-ref', ref, output.trim());
  await git('update-ref', `refs/pull/${number}/head`, headCommit);
  return {
    event: 'pull_request',
    ref,
    payload: {
      action,
      number,
      pull_request: {
        number,
        draft: false,
        head: { ref: head, sha: headCommit, repo: { full_name: 'owner/repository', fork: false } },
        base: { ref: base, sha: baseCommit, repo: { full_name: 'owner/repository' } },
      },
    },
  };
}

async function commitOf(repository, ref) {
  return (
    await mustRun('git', ['rev-parse', '--verify', '-q', `${ref}^{commit}`], { cwd: repository })
  ).output.trim();
}
