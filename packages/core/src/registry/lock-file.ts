import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MlopsError } from '../errors/mlops-error';
import { processExists, processWorld } from './process-identity';

const ownerSchema = z.object({
  token: z.string().regex(/^[0-9a-f]{16}$/),
  pid: z.int(),
  host: z.string(),
  /** See `processWorld`. */
  world: z.string(),
  user: z.string(),
  at: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

export interface LockTimes {
  /** How long to wait for another holder. ms */
  readonly wait: number;
  /** A lock older than this was left behind; a holder needs milliseconds. ms */
  readonly lease: number;
  /** The same for a lock whose holder has not even written its name into it. ms */
  readonly namelessLease: number;
}

const defaultTimes: LockTimes = { wait: 10_000, lease: 30_000, namelessLease: 3_000 };

/** Held while `work` runs; `assertHeld` throws when the lock was lost, so call it right before what must be safe. */
export interface HeldLock {
  assertHeld(): Promise<void>;
}

/**
 * Runs `work` while holding a lock file, so that one process at a time does it, on one machine or on several that
 * share the folder.
 *
 * A lock left by a process that died is taken over: at once when it died in this process's world, else when the lock
 * is older than its lease by the clock of the file system. A holder that slept through its lease notices it in
 * `assertHeld`.
 *
 * @throws MlopsError MLOPS_REGISTRY_LOCKED when another holder keeps it for longer than the wait;
 *   MLOPS_REGISTRY_LOCK_LOST from `assertHeld`
 */
export async function withLockFile<Result>(
  file: string,
  work: (lock: HeldLock) => Promise<Result>,
  times: LockTimes = defaultTimes,
): Promise<Result> {
  const owner: Owner = {
    token: randomBytes(8).toString('hex'),
    pid: process.pid,
    host: hostname(),
    world: processWorld(),
    user: userName(),
    at: new Date().toISOString(),
  };
  await acquire(file, owner, times);
  try {
    await sweep(file);
    return await work({ assertHeld: () => assertHeld(file, owner) });
  } finally {
    await release(file, owner);
  }
}

async function acquire(file: string, owner: Owner, times: LockTimes): Promise<void> {
  const start = performance.now();
  let nextLeaseCheck = start;
  for (let attempt = 0; ; attempt++) {
    // Asking the file system for its time costs a file, so a lock that is merely busy is not asked about each time.
    const checkLease = attempt > 2 && performance.now() >= nextLeaseCheck;
    if (checkLease) nextLeaseCheck = performance.now() + 1000;
    if (await tryAcquire(file, owner, times, checkLease)) return;
    if (performance.now() - start > times.wait) throw await stillLocked(file, times);
    await sleep(2 + Math.random() * Math.min(50, 5 * 2 ** attempt));
  }
}

/**
 * Two processes may find the same stale lock at once, and the slower one must not remove the lock that the faster
 * one has made meanwhile. So removing a given lock is itself done under a lock, whose name holds the token of the
 * lock to remove.
 */
async function tryAcquire(
  file: string,
  owner: Owner,
  times: LockTimes,
  checkLease: boolean,
): Promise<boolean> {
  if (await create(file, owner)) return true;
  const found = await inspect(file);
  if (found === undefined) return false;
  if (!isOfDeadProcess(found) && !(checkLease && (await isExpired(file, found, times)))) return false;
  const marker = `${file}.${found.id}`;
  if (!(await tryAcquire(marker, owner, times, checkLease))) return false;
  try {
    if ((await inspect(file))?.id === found.id) await rm(file, { force: true });
  } finally {
    await release(marker, owner);
  }
  return create(file, owner);
}

async function create(file: string, owner: Owner): Promise<boolean> {
  let handle;
  try {
    handle = await open(file, 'wx');
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  try {
    await handle.writeFile(JSON.stringify(owner));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return true;
}

/**
 * Removes the files beside the lock that killed processes left: clocks, and markers of locks that are gone. The caller
 * holds the lock, so a marker there now is of a lock that is no more; who still holds it looks again before it removes
 * anything.
 */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file);
  const prefix = `${basename(file)}.`;
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)));
}

interface FoundLock {
  /** Tells this lock from any other that has stood or will stand at the same path. */
  readonly id: string;
  readonly owner: Owner | undefined;
  readonly modified: number;
}

/** Undefined when it is gone. */
async function inspect(file: string): Promise<FoundLock | undefined> {
  try {
    const { mtimeMs, ino } = await stat(file);
    const owner = parseOwner(await readFile(file, 'utf8'));
    return { id: owner?.token ?? `${ino}-${Math.trunc(mtimeMs)}`, owner, modified: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isOfDeadProcess({ owner }: FoundLock): boolean {
  return owner !== undefined && owner.world === processWorld() && !processExists(owner.pid);
}

async function isExpired(file: string, found: FoundLock, times: LockTimes): Promise<boolean> {
  const lease = found.owner === undefined ? times.namelessLease : times.lease;
  return (await fileSystemTime(file)) - found.modified > lease;
}

/** The clock that stamps the files of this folder; on a network drive, that of the server. */
async function fileSystemTime(file: string): Promise<number> {
  const probe = `${file}.${randomBytes(8).toString('hex')}.clock`;
  try {
    const handle = await open(probe, 'wx');
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  } finally {
    await rm(probe, { force: true });
  }
}

async function assertHeld(file: string, owner: Owner): Promise<void> {
  if ((await inspect(file))?.id === owner.token) return;
  throw new MlopsError(
    'MLOPS_REGISTRY_LOCK_LOST',
    'this process was held up so long that another one took the lock over. Nothing was written; run the command again.',
    { file },
  );
}

async function release(file: string, owner: Owner): Promise<void> {
  if ((await inspect(file))?.id === owner.token) await unlink(file).catch(() => undefined);
}

async function stillLocked(file: string, times: LockTimes): Promise<MlopsError> {
  const owner = (await inspect(file))?.owner;
  const holder =
    owner === undefined
      ? 'another process'
      : `process ${owner.pid} of ${owner.user} on ${owner.host}, since ${owner.at}`;
  return new MlopsError(
    'MLOPS_REGISTRY_LOCKED',
    `held by ${holder}, for longer than ${times.wait / 1000} s. If that process is gone, wait half a minute and run the command again: an old lock is taken over.`,
    { file },
  );
}

/** On Windows a file that is being removed answers EPERM for a moment. */
function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EEXIST' || (process.platform === 'win32' && (code === 'EPERM' || code === 'EBUSY'));
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown user';
  }
}
