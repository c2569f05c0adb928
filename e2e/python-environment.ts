import { createHash } from 'node:crypto';
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../tools/workspace/tarballs.mjs';

/** A Python of its own with some packages, kept for the next run until requirements.txt changes. */
export interface PythonEnvironment {
  /** Of the interpreter. */
  readonly python: string;
  /**
   * Declares tests that need it. They are skipped, and the reason printed, where there is no Python 3 or no way to PyPI;
   * with CI=true that fails instead.
   *
   * Synchronous, since Jest must know its tests before any of them runs.
   */
  readonly describe: (name: string, tests: () => void) => void;
}

/** @param suite name of the folder of the suite, which holds requirements.txt */
export function pythonEnvironment(suite: string): PythonEnvironment {
  const folder = join(repository, 'tmp/e2e', suite, 'python');
  const requirements = join(repository, 'e2e', suite, 'requirements.txt');
  const python = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );
  return {
    python,
    describe(name, tests) {
      const missing = reasonAgainstPython(folder, requirements, python);
      if (missing === undefined) {
        describe(name, tests);
      } else if (process.env['CI'] === 'true') {
        throw new Error(`"${name}" needs Python with the packages of ${requirements}: ${missing}`);
      } else {
        console.warn(`Skipped "${name}": ${missing}`);
        describe.skip(name, tests);
      }
    },
  };
}

/** Installs what is missing. */
function reasonAgainstPython(folder: string, requirements: string, python: string): string | undefined {
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
