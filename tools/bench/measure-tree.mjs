import { readFile, readdir } from 'node:fs/promises';
import { spawn } from 'node:child_process';

/** How often the tree is looked at; a peak that is shorter may be missed. */
const EVERY_MS = 50;

/**
 * Runs a program to its end and watches the memory of it and of all processes below it.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeout?: number }} [options] timeout in ms
 * @returns {Promise<{ seconds: number, peakMegabytes: number, output: string }>} from start to exit; the peak is the
 *   largest sum of resident memory (shared pages counted in each process), 0 where there is no /proc
 * @throws Error with the output when the exit code is not 0
 */
export function measureTree(program, args, { cwd, env = {}, timeout = 3_600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let peak = 0;
    let ended = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output = (output + chunk).slice(-1_000_000)));
    const watch = async () => {
      while (!ended) {
        peak = Math.max(peak, await residentBytes(child.pid));
        await new Promise((next) => setTimeout(next, EVERY_MS));
      }
    };
    const watching = watch();
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), timeout);
    child.once('error', (error) => {
      ended = true;
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', async (code) => {
      const seconds = (performance.now() - start) / 1000;
      ended = true;
      clearTimeout(timer);
      await watching;
      if (code === 0) resolve({ seconds, peakMegabytes: peak / 2 ** 20, output });
      else reject(new Error(`${program} ${args.join(' ')} ended with code ${code}:\n${output.slice(-4000)}`));
    });
  });
}

async function residentBytes(pid) {
  try {
    const [status, threads] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readdir(`/proc/${pid}/task`),
    ]);
    const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
    );
    const children = lists.flatMap((list) => list.split(' ').filter((id) => id !== ''));
    const below = await Promise.all(children.map(residentBytes));
    return below.reduce((sum, bytes) => sum + bytes, own);
  } catch {
    // It ended between two looks, or there is no /proc.
    return 0;
  }
}
