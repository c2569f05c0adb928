import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A name beside `target` for a folder that is still being filled, told apart from those of other processes. */
export function temporaryFolder(target: string): string {
  return `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Moves a finished folder into the place of another one. The old one is set aside first and removed at the end, so a
 * reader sees the whole old folder, the whole new one, or for an instant none; never a mixture. If the move fails, the
 * old one is put back.
 */
export async function replaceFolder(fresh: string, target: string): Promise<void> {
  const aside = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.old`;
  for (let attempt = 1; ; attempt++) {
    const hadOld = await patiently(() => rename(target, aside)).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await patiently(() => rename(fresh, target));
      break;
    } catch (error) {
      // Another process moved its own folder in between our two steps: that one is set aside in turn.
      if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error)) && attempt < 10) {
        await rm(aside, { recursive: true, force: true });
        continue;
      }
      if (hadOld) await rename(aside, target);
      throw error;
    }
  }
  await rm(aside, { recursive: true, force: true });
}

/** Days after which a folder that a killed process left is taken for abandoned; one in use is touched more often. */
const abandonedAfter = 24 * 3600 * 1000;

/** Removes what killed processes left beside `target`: folders of processes that are gone, a day old at least. */
export async function removeAbandoned(target: string, now: number): Promise<void> {
  const parent = dirname(target);
  const pattern = new RegExp(`^${escapeRegExp(basename(target))}\\.(\\d+)-[0-9a-f]{8}\\.(tmp|old)$`);
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
    return codeOf(error) === 'EPERM';
  }
}

/** Windows refuses a rename while a virus scanner or an editor has a file open, mostly for a moment. */
async function patiently(action: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const momentary = process.platform === 'win32' && ['EPERM', 'EBUSY', 'EACCES'].includes(codeOf(error));
      if (!momentary || attempt === 10) throw error;
      await sleep(50 * attempt);
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
