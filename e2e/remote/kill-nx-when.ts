import { spawn } from 'node:child_process';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { eventually } from '../support';

/** Starts nx, and kills it and all that it started (SIGKILL) once `until` is true, which must be before it ends. */
export async function killNxWhen(
  workspace: Workspace,
  args: string[],
  until: () => Promise<boolean>,
): Promise<void> {
  const child = spawn(process.execPath, [workspace.path('node_modules/nx/dist/bin/nx.js'), ...args], {
    cwd: workspace.folder,
    env: { ...process.env, ...workspace.env },
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await eventually(async () => ((await until()) || child.exitCode !== null ? true : undefined), 120);
    expect(child.exitCode).toBeNull();
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
  }
  await ended;
}
