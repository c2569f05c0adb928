import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { eventually, freePort } from '../support';

export const trustedToken = 'trusted-0123456789';
export const pullRequestToken = 'pull-request-0123456789';

/** `nx-mlops cache-server` of the packed tarballs, as a process of its own. */
export class CacheServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** @param store folder that holds the entries */
  static async start(
    workspace: Workspace,
    store: string,
    ...options: readonly string[]
  ): Promise<CacheServerProcess> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const bin = workspace.path('node_modules/nx-mlops/dist/bin/nx-mlops.js');
    const child = spawn(
      process.execPath,
      [bin, 'cache-server', `--store=file:${store}`, `--port=${port}`, ...options],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          NX_MLOPS_CACHE_TRUSTED_TOKEN: trustedToken,
          NX_MLOPS_CACHE_PULL_REQUEST_TOKEN: pullRequestToken,
        },
      },
    );
    await eventually(async () => ((await fetch(`${url}/health`)).ok ? true : undefined));
    return new CacheServerProcess(child, url);
  }

  /** What a build needs to use it. */
  env(token: string): Record<string, string> {
    return {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: this.url,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token,
    };
  }

  entry(hash: string): string {
    return `${this.url}/v1/cache/${hash}`;
  }

  /** The most memory that was resident since it started, in bytes. Of Linux. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
  }

  /** @returns the exit code after SIGTERM */
  async stop(): Promise<number> {
    this.child.kill('SIGTERM');
    const [code] = await once(this.child, 'exit');
    return code as number;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
