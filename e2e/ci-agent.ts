import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Workspace } from '../tools/workspace/create-workspace.mjs';
import { mustRun } from '../tools/workspace/run.mjs';

/** A machine of the CI: a clone of its own, which `freshen` makes as good as new. */
export class Agent {
  private constructor(readonly clone: Workspace) {}

  /** @param folder emptied first */
  static async start(workspace: Workspace, folder: string): Promise<Agent> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const clone = join(folder, 'clone');
    await mustRun('git', ['clone', '-q', workspace.folder, clone]);
    await mustRun('cp', ['-al', workspace.path('node_modules'), clone]).catch(() =>
      cp(workspace.path('node_modules'), join(clone, 'node_modules'), { recursive: true }),
    );
    return new Agent(new Workspace(clone, false, false));
  }

  /** The newest commit of main, installed, with what the CI handed on from other jobs, and nothing else. */
  async freshen(handedOn: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
    await this.clone.git('fetch', '-q', 'origin');
    await this.clone.git('checkout', '-q', '--force', '--detach', 'origin/main');
    await this.clone.git('clean', '-fdxq', '-e', 'node_modules');
    for (const { from, to } of handedOn) await cp(from, this.path(to), { recursive: true, force: true });
  }

  path(...parts: readonly string[]): string {
    return this.clone.path('.mlops/ci', ...parts);
  }

  /** `nx-mlops ci <args>` as in a job of a push to main, where no API is asked. */
  async ci(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const head = (await this.clone.git('rev-parse', 'HEAD')).output.trim();
    const { code, output } = await this.clone.mlops(['ci', ...args], {
      env: {
        CI: 'true',
        GITLAB_CI: 'true',
        CI_PIPELINE_SOURCE: 'push',
        CI_COMMIT_BRANCH: 'main',
        CI_DEFAULT_BRANCH: 'main',
        CI_COMMIT_SHA: head,
        ...env,
      },
    });
    if (code !== 0) throw new Error(`nx-mlops ci ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }
}
