import { join } from 'node:path';
import { sha256OfFile } from '@nx-mlops/core';

/** Files that pin what a script runs with, the most exact first. */
const locks = {
  python: ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'conda-lock.yml', 'requirements.txt'],
  javascript: ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'],
} as const;

export interface EnvironmentLock {
  /** Relative to the workspace. */
  readonly file: string;
  readonly sha256: string;
}

/**
 * The file that pins the libraries a script runs with, for provenance: that of its language, else of the other.
 *
 * @param entry of the script; undefined for a command, which may run anything
 * @returns undefined where there is none
 */
export async function environmentLock(
  workspaceRoot: string,
  entry: string | undefined,
): Promise<EnvironmentLock | undefined> {
  const isJavascript = entry !== undefined && /\.[cm]?[jt]s$/.test(entry);
  const candidates = isJavascript
    ? [...locks.javascript, ...locks.python]
    : [...locks.python, ...locks.javascript];
  for (const file of candidates) {
    const sha256 = await sha256OfFile(join(workspaceRoot, file)).catch(() => undefined);
    if (sha256 !== undefined) return { file, sha256 };
  }
  return undefined;
}
