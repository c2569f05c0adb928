import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { mustRun, run } from '../workspace/run.mjs';
import { repository } from '../workspace/tarballs.mjs';
import { installedTool } from './installed-tool.mjs';

const PROJECT = join(repository, 'tools/ci/jenkins');
/** Of pom.xml, where it is pinned. */
const VERSION = '1.1';
/** Groovy 2.4 looks into the JDK more deeply than Java 17 allows without this. */
const OPENED = ['lang', 'lang.reflect', 'util', 'util.regex', 'io', 'net', 'text', 'time'].flatMap((name) => [
  '--add-opens',
  `java.base/java.${name}=ALL-UNNAMED`,
]);

/**
 * @typedef {object} Stage in the order in which they started
 * @property {string} name
 * @property {string} path names from the outermost, joined by /
 * @property {'SUCCESS' | 'UNSTABLE' | 'FAILURE' | 'NOT_BUILT' | 'ABORTED' | 'SKIPPED'} status
 * @property {'when' | 'earlier failure'} [reason] of SKIPPED
 * @property {string} [message] of a failure
 * @property {string[]} [parallel] its branches
 * @property {boolean} [scripted] a stage or a branch of a `parallel` inside of a script
 * @property {string[]} [post] conditions that held and ran
 * @property {object[]} [options]
 * @property {any} [agent]
 *
 * @typedef {object} Call of a step
 * @property {string} name
 * @property {any[]} arguments without closures
 * @property {string} [stage] path of the stage
 * @property {string} [post] condition whose step this is
 * @property {string} [agent] label, or any
 * @property {boolean} [implicit] the checkout that an agent begins with
 * @property {Record<string, string>} env what the pipeline set
 *
 * @typedef {object} JenkinsResult
 * @property {'SUCCESS' | 'UNSTABLE' | 'FAILURE' | 'ABORTED' | 'REFUSED'} conclusion REFUSED: no valid pipeline
 * @property {string} [message] why it was refused
 * @property {{ agent: any, options: any[], triggers: any[], parameters: any[], post?: string[] }} [pipeline]
 * @property {Stage[]} stages
 * @property {Call[]} calls
 * @property {{ message: string, approved: boolean, ok?: string, submitter?: string, stage?: string, agent?: string }[]} inputs
 *   an agent means that it waits for the answer while it holds an executor
 */

/**
 * Runs a declarative Jenkinsfile by JenkinsPipelineUnit: all of it but what the shell steps do, which the caller says.
 *
 * @param {object} options
 * @param {string} options.text the Jenkinsfile
 * @param {Record<string, string>} [options.env] of the build: BRANCH_NAME, CHANGE_ID, CHANGE_TARGET, TAG_NAME, …
 * @param {Record<string, unknown>} [options.params]
 * @param {RegExp[]} [options.failing] a shell script in which one matches ends with code 1
 * @param {{ script: RegExp, code?: number, output?: string }[]} [options.results] answers to shell scripts; the first that
 *   matches is taken
 * @param {Record<string, string>} [options.files] that readFile, readJSON and fileExists find
 * @param {RegExp[]} [options.rejected] messages of inputs that are answered by Abort
 * @param {string[]} [options.causes] default the user; hudson.triggers.TimerTrigger$TimerTriggerCause for a schedule
 * @param {'SUCCESS' | 'UNSTABLE' | 'FAILURE'} [options.previousResult] of the build before
 * @param {number} [options.timeInMillis] when the build started, default now
 * @param {string[]} [options.stashes] that are there at the start
 * @returns {Promise<JenkinsResult>}
 */
export async function runJenkinsfile({ text, failing = [], results = [], rejected = [], ...options }) {
  const libraries = await installedLibraries();
  const folder = await mkdtemp(join(tmpdir(), 'jenkins file '));
  try {
    await writeFile(join(folder, 'Jenkinsfile'), text);
    const answers = [...failing.map((script) => ({ script, code: 1 })), ...results];
    await writeFile(
      join(folder, 'options.json'),
      JSON.stringify({
        ...options,
        results: answers.map((each) => ({ ...each, script: each.script.source })),
        rejected: rejected.map(({ source }) => source),
      }),
    );
    const classpath = [join(libraries, '*'), await compiled(libraries)].join(delimiter);
    const { output } = await mustRun(
      'java',
      [...OPENED, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classpath, 'Main', folder],
      {
        timeout: 120_000,
      },
    );
    const result = await readFile(join(folder, 'result.json'), 'utf8').catch(() => {
      throw new Error(`The Jenkinsfile could not be run:\n${output}`);
    });
    return { stages: [], calls: [], inputs: [], ...JSON.parse(result) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** JenkinsPipelineUnit and what it needs, got by Maven once. */
function installedLibraries() {
  return installedTool(
    `jenkins-pipeline-unit-${VERSION}`,
    (making) =>
      run(
        'mvn',
        [
          '--batch-mode',
          '--quiet',
          `-Dmaven.repo.local=${join(repository, 'tmp/tools/maven')}`,
          '-f',
          join(PROJECT, 'pom.xml'),
          'dependency:copy-dependencies',
          `-DoutputDirectory=${making}`,
        ],
        { timeout: 600_000 },
      ),
    'Maven and Maven Central are needed.',
  );
}

/** Our Groovy in PROJECT, compiled once for what it says now. */
async function compiled(libraries) {
  const folder = join(PROJECT, 'src');
  const files = (await readdir(folder)).sort().map((name) => join(folder, name));
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return installedTool(
    `jenkinsfile-run-${hash.digest('hex').slice(0, 16)}`,
    (making) =>
      run(
        'java',
        [
          ...OPENED,
          '-cp',
          join(libraries, '*'),
          'org.codehaus.groovy.tools.FileSystemCompiler',
          '--encoding=UTF-8',
          '-d',
          making,
          ...files,
        ],
        { timeout: 300_000 },
      ),
    'Java 17 is needed.',
  );
}
