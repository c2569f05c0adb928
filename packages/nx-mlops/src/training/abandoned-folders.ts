import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How long the folder of a killed process must have lain untouched. Milliseconds: a day. */
const abandonedAfter = 24 * 3600 * 1000;

/**
 * Removes what killed processes left of `replaceFolder` beside `target`: folders of processes that are gone. They must
 * be a day old besides, since a process number says nothing when containers share the folder.
 *
 * @param now milliseconds since 1970
 */
export async function removeAbandoned(target: string, now: number): Promise<void> {
  const parent = dirname(target);
  const pattern = new RegExp(`^${escapeRegExp(basename(target))}\\.(\\d+)\\.[0-9a-f]{8}\\.(tmp|old)$`);
  for (const name of await readdir(parent).catch(() => [])) {
    const match = pattern.exec(name);
    if (match === null || isAlive(Number(match[1]))) continue;
    const folder = join(parent, name);
    const changed = await stat(folder).catch(() => undefined);
    if (changed === undefined || now - changed.mtimeMs < abandonedAfter) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether a process of that number runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
