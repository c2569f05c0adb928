import { existsSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { MlopsError } from '@nx-mlops/core';
import { scriptCommand, type ConfiguredScript } from '../../processes/script-command';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { readProjectConfigs, type ProjectConfig } from '../project-configs';
import { describeEnd, runBriefly, succeeded } from '../run-briefly';
import type { Check, Surroundings } from '../surroundings';

const PYTHON = 'Python';
const SCRIPTS = 'scripts';

/** Whether what runs the scripts of the projects is there: the entries themselves, programs, Python. */
export const scriptsCheck: Check = {
  name: SCRIPTS,
  async run(surroundings, signal) {
    const { workspaceRoot, env } = surroundings;
    const configs = await readProjectConfigs(workspaceRoot);
    const scripts = configs.flatMap((config) => config.scripts.map((script) => ({ config, script })));
    if (scripts.length === 0) {
      return [skipped(SCRIPTS, 'no config names a script'), skipped(PYTHON, 'no script is in Python')];
    }
    const findings: Finding[] = [];
    /** By interpreter, the folders of the projects that use it. */
    const interpreters = new Map<string, ProjectConfig>();
    for (const { config, script } of scripts) {
      try {
        const { argv } = scriptCommand(config.project, script, env);
        if (script.command === undefined && isPython(script)) {
          if (!interpreters.has(argv[0])) interpreters.set(argv[0], config);
        } else if (script.command !== undefined && !isThere(argv[0], config, env)) {
          findings.push(
            problem(
              SCRIPTS,
              `${script.location.file}: ${script.location.path}.command: there is no program "${argv[0]}" on PATH`,
              'Install it on this machine, or name another program.',
            ),
          );
        }
      } catch (error) {
        if (!(error instanceof MlopsError)) throw error;
        findings.push(problem(error.code === 'MLOPS_PYTHON_MISSING' ? PYTHON : SCRIPTS, error.message));
      }
    }
    const pythons = await Promise.all(
      [...interpreters].map(([interpreter, config]) =>
        judgePython(interpreter, config, surroundings, signal),
      ),
    );
    return [
      ...(findings.some(({ name }) => name === SCRIPTS)
        ? []
        : [ok(SCRIPTS, `${scripts.length} can be started`)]),
      ...findings,
      ...(pythons.length === 0 && !findings.some(({ name }) => name === PYTHON)
        ? [skipped(PYTHON, 'no script is in Python')]
        : pythons),
    ];
  },
};

function isPython({ entry = '' }: ConfiguredScript): boolean {
  return entry.toLowerCase().endsWith('.py');
}

/** A program with a slash is relative to the project's folder; else PATH is searched. */
function isThere(program: string, { project }: ProjectConfig, env: NodeJS.ProcessEnv): boolean {
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  if (/[\\/]/.test(program)) {
    return endings.some(
      (ending) => existsSync(program + ending) || existsSync(join(project.folder, program + ending)),
    );
  }
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
}

async function judgePython(
  interpreter: string,
  { project }: ProjectConfig,
  { workspaceRoot, env }: Surroundings,
  signal: AbortSignal,
): Promise<Finding> {
  const run = await runBriefly([interpreter, '--version'], { cwd: project.folder, env, signal });
  const version = /^Python \S+/m.exec(run.output)?.[0];
  if (!succeeded(run) || version === undefined) {
    return problem(
      PYTHON,
      `${shown(interpreter, workspaceRoot)} ${describeEnd(run.end)}`,
      'Make the virtual environment anew, or install Python.',
    );
  }
  const emptyVenv = [project.folder, workspaceRoot].find((place) => existsSync(join(place, '.venv')));
  if (emptyVenv !== undefined && !interpreter.startsWith(join(emptyVenv, '.venv'))) {
    return warning(
      PYTHON,
      `${version}, ${shown(interpreter, workspaceRoot)}: ${shown(join(emptyVenv, '.venv'), workspaceRoot)} has no interpreter, as one that was copied or whose Python was removed`,
      'Make that virtual environment anew: python3 -m venv .venv, and install what the scripts need.',
    );
  }
  return ok(PYTHON, `${version}, ${shown(interpreter, workspaceRoot)}`);
}

function shown(path: string, workspaceRoot: string): string {
  const inside = relative(workspaceRoot, path);
  return inside.startsWith('..') ? path : inside;
}
