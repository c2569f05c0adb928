import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { mustRun, run } from '../workspace/run.mjs';
import { actionsLibraries } from './actions-libraries.mjs';
import { installedTool } from './installed-tool.mjs';
import { INHERITED } from './runner-environment.mjs';

/** Of https://github.com/firecow/gitlab-ci-local, with the Node that it needs. */
const VERSION = '4.75.1';
const NODE_VERSION = '22.23.3';

/**
 * @typedef {object} GitlabJob
 * @property {string} name with the values of its matrix: `check: [1]`
 * @property {string} stage
 * @property {string} when on_success, always, manual, …
 * @property {number} [code] undefined: it did not run
 * @property {string} output
 */

/**
 * Runs the pipeline of a clone by gitlab-ci-local with the shell executor. Each job gets a folder of its own inside of the
 * clone, below .gitlab-ci-local, with the files that git knows; artifacts and the cache come and go as the file says. The
 * cache and the artifacts stay for the next call.
 *
 * Unlike GitLab it clones whole and stays on the branch.
 *
 * @param {object} options
 * @param {string} options.folder a clone, see `gitlabClone`; with no node_modules, which jobs below it would find
 * @param {Record<string, string>} [options.variables] of the pipeline; see `mergeRequest` and `branchPush`
 * @param {string[]} [options.unset] variables that GitLab would not set
 * @param {string[]} [options.jobs] only these: manual ones that are started after the pipeline
 * @param {string[]} [options.manual] manual jobs that are started in the pipeline
 * @param {boolean} [options.list] only say which jobs there are
 * @param {string} [options.installed] folder whose node_modules stand in for `npm ci`, by hard links
 * @param {Record<string, string>} [options.env] further variables of the runner
 * @param {boolean} [options.echo]
 * @returns {Promise<{ code: number, created: boolean, output: string, jobs: GitlabJob[] }>} not created: `workflow:rules`
 *   say that there is no pipeline
 */
export async function runGitlab({
  folder,
  variables = {},
  unset = [],
  jobs = [],
  manual = [],
  list = false,
  installed,
  env = {},
  echo = false,
}) {
  const tool = await installedTool(
    `gitlab-ci-local-${VERSION}`,
    async (making) => {
      await writeFile(join(making, 'package.json'), '{ "private": true }\n');
      const packages = [`gitlab-ci-local@${VERSION}`, `node@${NODE_VERSION}`];
      return run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], {
        cwd: making,
        timeout: 600_000,
      });
    },
    'npm and its registry are needed.',
  );
  const scratch = await mkdtemp(join(tmpdir(), 'gitlab runner '));
  try {
    const home = join(scratch, 'home');
    const programs = join(scratch, 'bin');
    for (const each of [home, programs]) await mkdir(each);
    if (installed !== undefined) await writeInstall(programs, installed);
    // Of what run() would hand on from this process, only what a fresh runner has is wanted.
    const environment = {
      ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      ...env,
      HOME: home,
      PATH: [programs, dirname(process.execPath), process.env.PATH].join(delimiter),
    };
    // By itself gitlab-ci-local says that it is not GitLab.
    const told = { GITLAB_CI: 'true', ...variables };
    // The file is held against GitLab's schema once, which takes two seconds.
    const execute = (args, { validated = true, ...options } = {}) =>
      run(
        join(tool, 'node_modules/node/bin/node'),
        [
          join(tool, 'node_modules/gitlab-ci-local/dist/index.js'),
          '--force-shell-executor',
          '--shell-isolation',
          '--no-artifacts-to-source',
          '--no-color',
          ...(validated ? ['--no-json-schema-validation'] : []),
          '--home',
          home,
          ...Object.entries(told).flatMap(([name, value]) => ['--variable', `${name}=${value}`]),
          ...unset.flatMap((name) => ['--unset-variable', name]),
          '--ignore-predefined-vars',
          Object.keys(told).join(','),
          ...args,
        ],
        { cwd: folder, env: environment, ...options },
      );
    const listed = await execute(['--list-json'], { validated: false });
    if (listed.code !== 0) return { code: listed.code, created: false, output: listed.output, jobs: [] };
    const known = jsonOf(listed.output)
      .filter(({ when }) => when !== 'never')
      .map(({ name, stage, when }) => ({ name, stage, when, output: '' }));
    if (!(await isCreated(folder, execute)))
      return { code: 0, created: false, output: listed.output, jobs: [] };
    if (list) return { code: 0, created: true, output: listed.output, jobs: known };
    await rm(join(folder, '.gitlab-ci-local/builds'), { recursive: true, force: true });
    const { code, output } = await execute([...jobs, ...manual.flatMap((name) => ['--manual', name])], {
      echo,
      timeout: 3_600_000,
    });
    return {
      code,
      created: true,
      output,
      jobs: known.map((job) => ({ ...job, ...outcomeOf(job.name, output) })),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * A clone as a runner has it: on a branch, with origin's default branch known.
 *
 * @param {string} repository folder of the git repository that stands for GitLab's
 * @param {string} folder that is made
 */
export async function gitlabClone(repository, folder, { branch = 'main', defaultBranch = 'main' } = {}) {
  await rm(folder, { recursive: true, force: true });
  await mustRun('git', ['clone', '-q', '--branch', branch, `file://${repository}`, folder]);
  await mustRun('git', ['remote', 'set-head', 'origin', defaultBranch], { cwd: folder });
}

/**
 * Of a merge request pipeline: to be spread into the options of `runGitlab`.
 *
 * @param {string} folder a clone on the source branch
 */
export async function mergeRequest(folder, { iid = 1, source, target = 'main' }) {
  const git = async (...args) => (await mustRun('git', args, { cwd: folder })).output.trim();
  return {
    variables: {
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_IID: String(iid),
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: source,
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: target,
      CI_MERGE_REQUEST_DIFF_BASE_SHA: await git('merge-base', `origin/${target}`, 'HEAD'),
      CI_COMMIT_REF_NAME: source,
    },
    unset: ['CI_COMMIT_BRANCH', 'CI_COMMIT_BEFORE_SHA'],
  };
}

/** Of a pipeline for a push to a branch; `before` is where it was. */
export function branchPush({ branch = 'main', before = '0'.repeat(40) } = {}) {
  return {
    variables: { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: branch, CI_COMMIT_BEFORE_SHA: before },
  };
}

/** gitlab-ci-local does not ask `workflow:rules` whether there is a pipeline, so a job with those rules is asked. */
async function isCreated(folder, execute) {
  const { parseYaml } = await actionsLibraries();
  const preview = await execute(['--preview']);
  const text = preview.output.slice(Math.max(0, preview.output.search(/^---$|^[\w".]+:/m)));
  const { workflow, variables } = parseYaml(text, { customTags: [] }) ?? {};
  if (workflow?.rules === undefined) return true;
  const probe = '.gitlab-ci-local/workflow-rules.yml';
  await mkdir(join(folder, '.gitlab-ci-local'), { recursive: true });
  await writeFile(
    join(folder, probe),
    JSON.stringify({
      ...(variables ? { variables } : {}),
      probe: { script: ['true'], rules: workflow.rules },
    }),
  );
  const { code, output } = await execute(['--file', probe, '--list-json']);
  if (code !== 0) throw new Error(`workflow:rules could not be evaluated:\n${output}`);
  return jsonOf(output).some(({ name, when }) => name === 'probe' && when !== 'never');
}

/** The list comes after what the tool says about itself. */
function jsonOf(output) {
  const start = output.search(/^\[/m);
  const end = output.lastIndexOf(']');
  return JSON.parse(output.slice(start, end + 1));
}

/** @returns {{ code?: number, output: string }} of one job, from the lines that begin with its name */
function outcomeOf(name, output) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith(name) && /^\s/.test(line.slice(name.length)))
    .map((line) => line.slice(name.length).trim());
  const end = lines
    .map((line) => /^finished in .*?(?:(?:FAIL|WARN) (\d+))?$/.exec(line))
    .findLast((match) => match !== null);
  const printed = lines.filter((line) => /^[>$]/.test(line)).map((line) => line.replace(/^> ?/, ''));
  return { ...(end === undefined ? {} : { code: Number(end[1] ?? 0) }), output: printed.join('\n') };
}

/** An `npm` before the real one, for which `npm ci` is to link what is installed already. */
async function writeInstall(programs, installed) {
  const { output } = await mustRun('which', ['npm']);
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const file = join(programs, 'npm');
  await writeFile(
    file,
    [
      '#!/bin/bash',
      'if [ "$1" = ci ]; then',
      '  rm -rf node_modules',
      `  cp -al ${quoted(join(installed, 'node_modules'))} . 2>/dev/null || cp -a ${quoted(join(installed, 'node_modules'))} .`,
      '  exit',
      'fi',
      `exec ${quoted(output.trim())} "$@"`,
      '',
    ].join('\n'),
  );
  await chmod(file, 0o755);
}
