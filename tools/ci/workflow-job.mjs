import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { run as runProgram } from '../workspace/run.mjs';
import { actionsLibraries } from './actions-libraries.mjs';
import { INHERITED } from './runner-environment.mjs';
import { actionOf } from './workflow-actions.mjs';

const SHELLS = {
  undefined: ['bash', '-e'],
  bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'],
  sh: ['sh', '-e'],
};

/**
 * One job on a runner of its own: a fresh folder, a fresh home, the steps in order.
 *
 * @typedef {{ name: string, id?: string, code: number, output: string,
 *   conclusion: 'success' | 'failure' | 'skipped', outcome: 'success' | 'failure' | 'skipped' }} StepResult
 */
export class WorkflowJob {
  /**
   * @param {import('./workflow-run.mjs').Run} run
   * @param {string} folder of this runner; its name has a space
   * @param {object} definition of the job in the workflow
   * @param {Record<string, unknown>} contexts github, vars, secrets, needs, matrix, strategy, inputs
   */
  constructor(run, folder, definition, contexts) {
    this.run = run;
    this.definition = definition;
    this.workspace = join(folder, 'work space');
    this.temp = join(folder, 'temp');
    this.home = join(folder, 'home');
    for (const each of [this.workspace, this.temp, this.home]) mkdirSync(each, { recursive: true });
    this.contexts = contexts;
    this.summary = '';
    this.exported = {};
    this.paths = [];
    this.failed = false;
    this.post = [];
    this.count = 0;
  }

  /** @returns {Promise<{ conclusion: 'success' | 'failure', steps: StepResult[], outputs: Record<string, string>, summary: string }>} */
  async execute() {
    const { expressions, workflow } = this.run;
    const base = this.#scope({ env: {}, steps: {} });
    this.env = this.#texts(workflow.env, base);
    this.env = {
      ...this.env,
      ...this.#texts(this.definition.env, this.#scope({ env: this.env, steps: {} })),
    };
    const frame = { steps: {}, inputs: this.contexts.inputs, results: [] };
    for (const step of this.definition.steps) await this.#step(step, frame);
    for (const { name, action } of this.post.reverse()) {
      if (this.failed) continue;
      const result = { name: `Post ${name}`, code: 0, output: '', conclusion: 'success', outcome: 'success' };
      try {
        result.output = await action();
      } catch (error) {
        Object.assign(result, { code: 1, output: error.message, conclusion: 'failure', outcome: 'failure' });
        this.failed = true;
      }
      frame.results.push(result);
    }
    const outputs = {};
    const scope = this.#scope({ env: this.env, steps: frame.steps });
    for (const [name, value] of Object.entries(this.definition.outputs ?? {}))
      outputs[name] = expressions.text(value, scope);
    return {
      conclusion: this.failed ? 'failure' : 'success',
      steps: frame.results,
      outputs,
      summary: this.summary,
    };
  }

  /** One step of the job or, with the frame of a composite action, one of that action's. */
  async #step(step, frame) {
    const { expressions } = this.run;
    const label =
      step.name ?? (step.uses ? `Run ${step.uses}` : `Run ${String(step.run).trim().split('\n')[0]}`);
    const result = {
      name: label,
      ...(step.id === undefined ? {} : { id: step.id }),
      code: 0,
      output: '',
      conclusion: 'success',
      outcome: 'success',
    };
    frame.results.push(result);
    const outputs = {};
    try {
      const before = this.#scope({ env: { ...this.env, ...this.exported }, ...frame });
      const env = { ...this.env, ...this.exported, ...this.#texts(step.env, before) };
      const scope = this.#scope({ env, ...frame });
      result.name = step.name === undefined ? label : expressions.text(step.name, scope);
      if (!expressions.condition(step.if, scope)) {
        result.conclusion = result.outcome = 'skipped';
      } else {
        const done =
          step.uses === undefined
            ? await this.#runScript(step, env, scope, frame)
            : await this.#uses(step, env, scope, frame);
        result.code = done.code;
        result.output = this.#masked(done.output);
        Object.assign(outputs, done.outputs);
        if (done.code !== 0) result.conclusion = result.outcome = 'failure';
      }
      if (result.outcome === 'failure' && isOn(expressions.resolve(step['continue-on-error'], scope)))
        result.conclusion = 'success';
    } catch (error) {
      result.code = 1;
      result.output = this.#masked(`${result.output}${error.message}\n`);
      result.conclusion = result.outcome = 'failure';
      if (step['continue-on-error'] === true) result.conclusion = 'success';
    }
    if (result.conclusion === 'failure') {
      this.failed = true;
      frame.failed = true;
    }
    if (step.id !== undefined)
      frame.steps[step.id] = { outputs, conclusion: result.conclusion, outcome: result.outcome };
    this.run.log(`${result.conclusion === 'failure' ? '✖' : '·'} ${result.name}`);
  }

  async #runScript(step, env, scope, frame) {
    const { expressions, workflow, install, isInstall } = this.run;
    const defaults = {
      ...workflow.defaults?.run,
      ...this.definition.defaults?.run,
    };
    const script = expressions.text(step.run, scope);
    // A step of a composite action has no defaults.
    const inner = frame.parent !== undefined;
    const folder = resolve(
      this.workspace,
      expressions.text(
        step['working-directory'] ?? (inner ? '.' : (defaults['working-directory'] ?? '.')),
        scope,
      ),
    );
    const shell = step.shell ?? (inner ? undefined : defaults.shell);
    if (inner && shell === undefined)
      throw new Error(`A run step of a composite action must say its shell: ${script}`);
    if (isInstall(script)) {
      await install(folder);
      return { code: 0, output: `${script.trim()}: the caller's installed tree\n`, outputs: {} };
    }
    const command =
      shell !== undefined && shell.includes('{0}')
        ? shell.split(/\s+/)
        : [...(SHELLS[shell] ?? unknownShell(shell)), '{0}'];
    const files = this.#commandFiles();
    const file = join(this.temp, `${++this.count}.sh`);
    writeFileSync(file, script);
    const minutes = Number(step['timeout-minutes'] ?? this.definition['timeout-minutes'] ?? 30);
    const { code, output } = await runProgram(
      command[0],
      command.slice(1).map((part) => part.replace('{0}', file)),
      {
        cwd: folder,
        env: { ...this.#environment(env), ...files.env },
        timeout: minutes * 60_000,
      },
    );
    for (const [name, value] of Object.entries(files.read('GITHUB_ENV'))) this.exported[name] = value;
    this.paths.unshift(...files.lines('GITHUB_PATH').reverse());
    this.summary += files.text('GITHUB_STEP_SUMMARY');
    return { code, output, outputs: files.read('GITHUB_OUTPUT') };
  }

  async #uses(step, env, scope, frame) {
    const { expressions } = this.run;
    const inputs = this.#texts(step.with, scope);
    if (step.uses.startsWith('./')) return this.#composite(step, inputs, env, frame);
    let output = '';
    const log = (line) => (output += `${line}\n`);
    const action = actionOf(expressions.text(step.uses, scope));
    try {
      const outputs = await action({
        inputs,
        run: this.run,
        workspace: this.workspace,
        home: this.home,
        environment: this.#environment(env),
        log,
        afterwards: (work) =>
          this.post.push({
            name: step.name ?? step.uses,
            action: async () => {
              const start = output.length;
              await work();
              return output.slice(start);
            },
          }),
      });
      return { code: 0, output, outputs };
    } catch (error) {
      return { code: 1, output: `${output}${error.message}\n`, outputs: {} };
    }
  }

  async #composite(step, given, env, frame) {
    const { expressions } = this.run;
    const { parseYaml } = await actionsLibraries();
    const folder = resolve(this.workspace, step.uses);
    const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find(existsSync);
    if (file === undefined)
      throw new Error(
        `The step uses ${step.uses}, and there is no action.yml. Is the repository checked out?`,
      );
    const action = parseYaml(readFileSync(file, 'utf8'));
    if (action.runs?.using !== 'composite')
      throw new Error(`${step.uses} is no composite action, and no other local action can be run here`);
    const inputs = {};
    for (const [name, input] of Object.entries(action.inputs ?? {})) {
      inputs[name] = given[name] ?? expressions.text(input?.default, this.#scope({ env, ...frame }));
      if (input?.required && given[name] === undefined && input.default === undefined)
        throw new Error(`${step.uses} needs the input ${name}`);
    }
    const unknown = Object.keys(given).filter((name) => action.inputs?.[name] === undefined);
    if (unknown.length > 0) throw new Error(`${step.uses} has no input ${unknown.join(', ')}`);
    const inner = { steps: {}, inputs, results: [], parent: frame, actionPath: folder };
    const outer = this.env;
    // What the step gives in `env:` is there for all steps of the action.
    this.env = env;
    const failedBefore = this.failed;
    this.failed = false;
    for (const each of action.runs.steps) await this.#step(each, inner);
    this.failed = failedBefore;
    this.env = outer;
    const scope = this.#scope({ env, ...inner });
    const outputs = {};
    for (const [name, { value }] of Object.entries(action.outputs ?? {}))
      outputs[name] = expressions.text(value, scope);
    return {
      code: inner.failed ? (inner.results.find((each) => each.conclusion === 'failure')?.code ?? 1) : 0,
      output: inner.results.map((each) => `── ${each.name}: ${each.conclusion}\n${each.output}`).join('\n'),
      outputs,
    };
  }

  #scope({ env, steps, inputs, actionPath }) {
    const github =
      actionPath === undefined ? this.contexts.github : { ...this.contexts.github, action_path: actionPath };
    return {
      contexts: {
        ...this.contexts,
        github: { ...github, workspace: this.workspace },
        env,
        steps,
        inputs: inputs ?? this.contexts.inputs,
        job: { status: this.failed ? 'failure' : 'success' },
        runner: { os: 'Linux', arch: 'X64', temp: this.temp, name: 'harness' },
      },
      status: { success: !this.failed, failure: this.failed, always: true, cancelled: false },
      workspace: this.workspace,
    };
  }

  #texts(map, scope) {
    return Object.fromEntries(
      Object.entries(map ?? {}).map(([name, value]) => [name, this.run.expressions.text(value, scope)]),
    );
  }

  #environment(env) {
    const { github, eventPath } = this.contexts.files;
    const inherited = Object.fromEntries(
      INHERITED.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]),
    );
    // Of what run() would hand on from this process, only the above is wanted.
    const cleared = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
    const variables = Object.fromEntries(
      Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
    );
    const all = {
      ...cleared,
      ...inherited,
      ...this.run.env,
      HOME: this.home,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      ...variables,
      GITHUB_WORKSPACE: this.workspace,
      GITHUB_EVENT_PATH: eventPath,
      RUNNER_TEMP: this.temp,
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      ...env,
    };
    const path = [...this.paths, dirname(process.execPath), all.PATH].join(delimiter);
    return { ...all, PATH: path };
  }

  /** The files by which a step says something to the runner. */
  #commandFiles() {
    const folder = join(this.temp, `commands ${++this.count}`);
    mkdirSync(folder);
    const names = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY', 'GITHUB_STATE'];
    const env = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    for (const file of Object.values(env)) appendFileSync(file, '');
    const text = (name) => readFileSync(env[name], 'utf8');
    return {
      env,
      text,
      lines: (name) => text(name).split('\n').filter(Boolean),
      read: (name) => valuesOf(text(name), name),
    };
  }

  #masked(output) {
    let text = output;
    for (const secret of Object.values(this.contexts.secrets))
      if (secret !== '') text = text.replaceAll(secret, '***');
    return text;
  }
}

/** `name=value` lines, and `name<<END` … `END` for values of several lines. */
export function valuesOf(text, file) {
  const values = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (line === '') continue;
    const several = /^([^=]+?)<<(.+)$/.exec(line);
    if (several !== null) {
      const [, name, end] = several;
      const last = lines.indexOf(end, index + 1);
      if (last === -1) throw new Error(`${file} has no line ${end} for the value of ${name}`);
      values[name] = lines.slice(index + 1, last).join('\n');
      index = last;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals <= 0) throw new Error(`Invalid format '${line}' in ${file}`);
    values[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return values;
}

function unknownShell(shell) {
  throw new Error(`The shell ${shell} is none of bash, sh or a template with {0}`);
}

function isOn(value) {
  return value === true || value === 'true';
}
