import { existsSync } from 'node:fs';
import { delimiter, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MlopsError, RUN_CONTEXT_VARIABLE } from '@nx-mlops/core';

/** The project whose folder a script runs in. */
export interface ScriptProject {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Absolute. */
  readonly folder: string;
}

/** A script as a config names it: `entry` or `command`. */
export interface ConfiguredScript {
  /** Relative to the project. */
  readonly entry?: string;
  readonly command?: readonly string[];
  /** Where the config says so, for errors: the file, and the path of the object that holds the keys. */
  readonly location: { readonly file: string; readonly path: string };
}

/** What starts a script. */
export interface ScriptCommand {
  readonly argv: readonly [string, ...string[]];
  /** Short, as the config says it: what people recognise. */
  readonly shown: string;
  /** Variables that this kind of entry needs besides. */
  readonly env: Readonly<Record<string, string>>;
}

const typescriptExtensions = ['.ts', '.mts', '.cts'];
const javascriptExtensions = ['.js', '.mjs', '.cjs'];

/**
 * The program and arguments of a script: `command` as it stands, or what runs `entry`.
 *
 * @param env where PATH is looked up
 * @throws MlopsError MLOPS_ENTRY_MISSING when there is no such file, MLOPS_ENTRY_UNKNOWN for another extension,
 *   MLOPS_PYTHON_MISSING when a Python entry finds no interpreter
 */
export function scriptCommand(
  project: ScriptProject,
  { entry = '', command, location }: ConfiguredScript,
  env: NodeJS.ProcessEnv,
): ScriptCommand {
  if (command !== undefined) {
    const [program, ...args] = command as readonly [string, ...string[]];
    return { argv: [program, ...args], shown: command.join(' '), env: {} };
  }
  const atEntry = { file: location.file, path: `${location.path}.entry` };
  if (!existsSync(join(project.folder, entry))) {
    throw new MlopsError('MLOPS_ENTRY_MISSING', `"${entry}" is not in ${project.root}.`, atEntry);
  }
  const extension = extname(entry).toLowerCase();
  if (javascriptExtensions.includes(extension)) {
    return { argv: [process.execPath, entry], shown: `node ${entry}`, env: {} };
  }
  if (typescriptExtensions.includes(extension)) {
    return {
      argv: [process.execPath, '--import', typescriptLoader(), entry],
      shown: `tsx ${entry}`,
      env: tsconfigEnvironment(project),
    };
  }
  if (extension === '.py') {
    return { argv: [pythonInterpreter(project, entry, env), entry], shown: `python ${entry}`, env: {} };
  }
  throw new MlopsError(
    'MLOPS_ENTRY_UNKNOWN',
    `"${entry}" is of a kind that is not run by itself. Use .ts, .js, .mjs, .cjs or .py, or give "command" instead of "entry".`,
    atEntry,
  );
}

/**
 * tsx as a loader of the very process that runs the script, rather than its command line, which would put a second process in
 * between and turn "killed by SIGKILL" into an exit code.
 */
function typescriptLoader(): string {
  return pathToFileURL(require.resolve('tsx')).href;
}

/** Path aliases of an Nx workspace are often in tsconfig.base.json alone, which tsx does not look for. */
function tsconfigEnvironment({ folder, workspaceRoot }: ScriptProject): Record<string, string> {
  const base = join(workspaceRoot, 'tsconfig.base.json');
  const own = [folder, workspaceRoot].some((place) => existsSync(join(place, 'tsconfig.json')));
  return !own && existsSync(base) ? { TSX_TSCONFIG_PATH: base } : {};
}

/** The virtual environment of the project, else that of the workspace, else what PATH has. */
function pythonInterpreter(
  { folder, workspaceRoot }: ScriptProject,
  entry: string,
  env: NodeJS.ProcessEnv,
): string {
  const inVenv = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const found = [folder, workspaceRoot].map((place) => join(place, '.venv', ...inVenv)).find(existsSync);
  // On Windows "python3" is often a stub that opens the store.
  const names = process.platform === 'win32' ? ['python.exe', 'python3.exe'] : ['python3', 'python'];
  const interpreter = found ?? names.map((name) => onPath(name, env)).find((path) => path !== undefined);
  if (interpreter !== undefined) return interpreter;
  throw new MlopsError(
    'MLOPS_PYTHON_MISSING',
    `${entry} is in Python, and there is no interpreter: no .venv in the project or the workspace, no ${names.join(' or ')} on PATH. Install Python, or make a .venv.`,
  );
}

function onPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const path = env['PATH'] ?? env['Path'] ?? '';
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(existsSync);
}

/**
 * The environment of a script: ours, the run context, and what keeps a rerun byte-identical where the framework
 * allows it. A shell's own thread count is overridden, since the cache key does not hold it.
 */
export function scriptEnvironment(
  env: NodeJS.ProcessEnv,
  script: { readonly contextFile: string; readonly threads: number; readonly seed: number },
): NodeJS.ProcessEnv {
  const threads = String(script.threads);
  return {
    ...env,
    [RUN_CONTEXT_VARIABLE]: script.contextFile,
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    NUMEXPR_NUM_THREADS: threads,
    VECLIB_MAXIMUM_THREADS: threads,
    TF_DETERMINISTIC_OPS: '1',
    CUBLAS_WORKSPACE_CONFIG: ':4096:8',
    PYTHONHASHSEED: String(script.seed % 2 ** 32),
    // Lines come when they are written, not when a buffer is full.
    PYTHONUNBUFFERED: '1',
  };
}
