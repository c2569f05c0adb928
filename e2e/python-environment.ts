import { createHash } from 'node:crypto';
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { repository } from '../tools/workspace/tarballs.mjs';

/** Python with the packages that a suite names. */
export interface PythonEnvironment {
  /** Path of the interpreter. */
  readonly python: string;
  /**
   * Declares tests that need Python with the packages of requirements.txt. They are skipped, and the reason printed,
   * where there is no Python 3 or no way to PyPI; with CI=true that fails instead.
   *
   * Synchronous, since Jest must know its tests before any of them runs.
   */
  describeWithPython(name: string, tests: () => void): void;
  /**
   * Runs a script of the suite.
   *
   * @param input written to its standard input as JSON
   * @returns what it printed, parsed as JSON
   */
  runPython(script: string, input?: unknown): unknown;
}

/** @param suite folder of the suite, with its requirements.txt and scripts */
export function pythonEnvironment(suite: string): PythonEnvironment {
  const folder = join(repository, 'tmp/e2e', basename(suite), 'python');
  const requirements = join(suite, 'requirements.txt');
  const python = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );
  return {
    python,
    describeWithPython(name, tests) {
      const missing = reasonAgainstPython(folder, python, requirements);
      if (missing === undefined) {
        describe(name, tests);
      } else if (process.env['CI'] === 'true') {
        throw new Error(`"${name}" needs Python with the packages of ${requirements}: ${missing}`);
      } else {
        console.warn(`Skipped "${name}": ${missing}`);
        describe.skip(name, tests);
      }
    },
    runPython(script, input = null) {
      const output = execFileSync(python, ['-X', 'utf8', join(suite, script)], {
        input: JSON.stringify(input),
        encoding: 'utf8',
        maxBuffer: 1 << 30,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      return JSON.parse(output);
    },
  };
}

/** Installs what is missing. The environment is kept for the next run, until requirements.txt changes. */
function reasonAgainstPython(folder: string, python: string, requirements: string): string | undefined {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const mark = join(folder, 'installed.txt');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options: ExecFileSyncOptions = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  try {
    execFileSync(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder], options);
    execFileSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      options,
    );
  } catch (error) {
    return lastLineOf(error);
  }
  writeFileSync(`${mark}.new`, wanted);
  renameSync(`${mark}.new`, mark);
  return undefined;
}

function lastLineOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? message;
}
