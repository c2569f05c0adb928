import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds; fails after twenty seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited 20 s in vain until ${what}`);
    await sleep(5);
  }
}
