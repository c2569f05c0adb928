import { spawn } from 'node:child_process';

/**
 * Runs a program without a shell and collects what it prints.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, echo?: boolean, timeout?: number, input?: string }} [options]
 *   echo prints the output as it comes; timeout in milliseconds kills the whole process group
 * @returns {Promise<{ code: number, output: string, seconds: number }>} code is 128 when a signal ended it
 */
export function run(program, args, { cwd, env = {}, echo = false, timeout, input } = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (echo) process.stdout.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    if (input !== undefined) child.stdin.end(input);
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            output += `\n(stopped after ${timeout} ms)\n`;
            process.kill(-child.pid, 'SIGKILL');
          }, timeout);
    const stop = (signal) => process.kill(-child.pid, signal);
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, stop);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, stop);
      resolve({ code: code ?? 128, output, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** As `run`, and throws with the output when the exit code is not 0. */
export async function mustRun(program, args, options) {
  const result = await run(program, args, options);
  if (result.code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with code ${result.code}:\n${options?.echo ? '' : result.output}`,
    );
  }
  return result;
}
