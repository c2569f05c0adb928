import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tmp from 'tmp';
import { withLockFile } from './lock-file';
import { processWorld } from './process-identity';

tmp.setGracefulCleanup();
const quick = { wait: 300, lease: 30_000, namelessLease: 3_000 };

function newLock(): string {
  return join(tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name, 'lock');
}

function leave(file: string, owner: object): void {
  const whole = { token: 'a'.repeat(16), host: 'here', user: 'bob', at: '2026-11-01', ...owner };
  writeFileSync(file, JSON.stringify(whole));
}

function makeOld(file: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}

/** A process id that was used and is free again. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('withLockFile', () => {
  it('holds the lock while the work is done, and leaves nothing behind', async () => {
    const file = newLock();
    const result = await withLockFile(file, async (lock) => {
      await lock.assertHeld();
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
      return 42;
    });
    expect(result).toBe(42);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('lets the lock go when the work fails', async () => {
    const file = newLock();
    await expect(withLockFile(file, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(existsSync(file)).toBe(false);
  });

  it('lets one in at a time', async () => {
    const file = newLock();
    let inside = 0;
    const visits = Array.from({ length: 20 }, () =>
      withLockFile(file, async () => {
        inside++;
        expect(inside).toBe(1);
        await sleep(Math.random() * 5);
        inside--;
      }),
    );
    await Promise.all(visits);
    expect(inside).toBe(0);
  });

  it.each([
    ['of a process that is gone, at once', () => ({ pid: deadProcess(), world: processWorld() }), 0],
    ['of another machine, when its lease is over', () => ({ pid: 1, world: 'elsewhere' }), 60],
    [
      'of a process id that is in use again, when its lease is over',
      () => ({ pid: process.pid, world: processWorld() }),
      60,
    ],
  ])('takes over a lock %s', async (_, owner, age) => {
    const file = newLock();
    leave(file, owner());
    makeOld(file, age);
    await expect(withLockFile(file, () => Promise.resolve('done'), quick)).resolves.toBe('done');
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('takes over a lock whose holder died before it could write its name', async () => {
    const file = newLock();
    writeFileSync(file, '');
    makeOld(file, 10);
    await expect(withLockFile(file, () => Promise.resolve('done'), quick)).resolves.toBe('done');
  });

  it('takes over a lock whose taking over was cut off', async () => {
    const file = newLock();
    const dead = { pid: deadProcess(), world: processWorld() };
    leave(file, dead);
    leave(`${file}.${'a'.repeat(16)}`, { ...dead, token: 'b'.repeat(16) });
    await expect(withLockFile(file, () => Promise.resolve('done'), quick)).resolves.toBe('done');
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('removes what processes left that were killed while they waited for the lock', async () => {
    const file = newLock();
    writeFileSync(`${file}.${'c'.repeat(16)}.clock`, '');
    writeFileSync(`${file}.${'d'.repeat(16)}`, JSON.stringify({ pid: deadProcess(), world: processWorld() }));
    writeFileSync(join(file, '..', 'lockers.md'), 'not ours');
    await withLockFile(file, () => Promise.resolve());
    expect(readdirSync(join(file, '..'))).toEqual(['lockers.md']);
  });

  it('lets one in at a time when many find the same stale lock', async () => {
    for (let round = 0; round < 5; round++) {
      const file = newLock();
      leave(file, { pid: deadProcess(), world: processWorld() });
      let inside = 0;
      await Promise.all(
        Array.from({ length: 10 }, () =>
          withLockFile(file, async () => {
            inside++;
            expect(inside).toBe(1);
            await sleep(1);
            inside--;
          }),
        ),
      );
    }
  });

  it.each([
    ['another machine', { pid: 1, world: 'elsewhere' }, /process 1 of bob on here, since 2026-11-01/],
    ['a living process', { pid: process.pid, world: processWorld() }, /held by process \d+ of bob/],
  ])('waits for a young lock of %s, then says who holds it', async (_, owner, message) => {
    const file = newLock();
    leave(file, owner);
    const before = readFileSync(file, 'utf8');
    const attempt = withLockFile(file, () => Promise.resolve(), quick);
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'MLOPS_REGISTRY_LOCKED' }));
    await expect(attempt).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('notices that it was taken over, and leaves the new holder its lock', async () => {
    const file = newLock();
    const work = withLockFile(file, async (lock) => {
      leave(file, { pid: 1, world: 'elsewhere' });
      await lock.assertHeld();
    });
    await expect(work).rejects.toThrow(expect.objectContaining({ code: 'MLOPS_REGISTRY_LOCK_LOST' }));
    expect(existsSync(file)).toBe(true);
  });
});
