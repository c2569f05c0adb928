import { MlopsError, messageOf } from '@nx-mlops/core';
import execa from 'execa';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Runs nx with these arguments and gives its standard output. */
export type RunNx = (args: readonly string[]) => Promise<string>;

/**
 * The workspace's own nx.
 *
 * @param env what it gets besides our own environment
 * @throws MlopsError MLOPS_NX_MISSING when it is not installed; the function MLOPS_NX_FAILED with what nx said
 */
export function workspaceNx(workspaceRoot: string, signal: AbortSignal, env: NodeJS.ProcessEnv = {}): RunNx {
  const program = nxProgram(workspaceRoot);
  return async (args) => {
    const child = execa(process.execPath, [program, ...args], {
      cwd: workspaceRoot,
      env: { ...env, NX_TUI: 'false', FORCE_COLOR: '0' },
      reject: false,
      stdin: 'ignore',
      maxBuffer: 512 * 1024 * 1024,
    });
    const end = () => child.kill();
    signal.addEventListener('abort', end);
    const result = await child;
    signal.removeEventListener('abort', end);
    signal.throwIfAborted();
    if (result.exitCode === 0) return result.stdout;
    const said = (
      result.stderr.trim() ||
      result.stdout.trim() ||
      `it ended with ${result.exitCode ?? result.signal ?? 'no exit code'}`
    ).slice(-800);
    throw new MlopsError('MLOPS_NX_FAILED', `nx ${args.join(' ')} failed: ${said}${hint(args)}`);
  };
}

/** The usual reason in CI. */
function hint(args: readonly string[]): string {
  return args.includes('--affected')
    ? ' Is the base there? A shallow clone has no history: give the checkout "fetch-depth: 0" (GitHub) or "GIT_DEPTH: 0" (GitLab), or name models with --projects.'
    : '';
}

/** The script of the workspace's own nx. @throws MlopsError MLOPS_NX_MISSING */
export function nxProgram(workspaceRoot: string): string {
  try {
    const manifest = createRequire(join(workspaceRoot, 'package.json')).resolve('nx/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
    return join(dirname(manifest), bin['nx'] ?? 'bin/nx.js');
  } catch (error) {
    throw new MlopsError(
      'MLOPS_NX_MISSING',
      `nx is not installed in ${workspaceRoot} (${messageOf(error)}). Run npm ci first.`,
      {},
      { cause: error },
    );
  }
}
