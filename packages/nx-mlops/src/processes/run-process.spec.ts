import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import tmp from 'tmp';
import { isAlive } from '../training/abandoned-folders';
import { runProcess } from './run-process';

tmp.setGracefulCleanup();

async function appears(file: string): Promise<string> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') return text;
    await sleep(25);
  }
  throw new Error(`${file} did not appear`);
}

const node = (program: string) => [process.execPath, '-e', program] as const;

describe('runProcess', () => {
  const base = { cwd: process.cwd(), env: {}, signal: new AbortController().signal, onLine: () => undefined };

  it.each([
    ['its exit code', `process.exit(7)`, { kind: 'exited', code: 7 }],
    [
      'the signal that killed it',
      `process.kill(process.pid, 'SIGKILL')`,
      { kind: 'killed', signal: 'SIGKILL' },
    ],
  ] as const)('tells %s', async (_what, program, end) => {
    expect(await runProcess({ ...base, command: node(program) })).toEqual(end);
  });

  it('gives every line of a large output, in order', async () => {
    const lines: string[] = [];
    const command = node(`for (let i = 0; i < 20000; i++) console.log('line ' + i + ' äöü')`);
    await runProcess({ ...base, command, onLine: ({ text }) => lines.push(text) });
    expect(lines).toHaveLength(20000);
    expect(lines[19999]).toBe('line 19999 äöü');
  });

  it('gives the environment as it is, with nothing of ours', async () => {
    const lines: string[] = [];
    await runProcess({
      ...base,
      env: { ONLY: 'this' },
      command: node('console.log(Object.keys(process.env).join())'),
      onLine: ({ text }) => lines.push(text),
    });
    expect(lines[0]?.split(',').filter((name) => !name.startsWith('__CF'))).toEqual(['ONLY']);
  });

  it('does not wait for the time limit of a process that has ended', async () => {
    expect(await runProcess({ ...base, command: node(''), timeout: 40 * 24 * 3600 * 1000 })).toEqual({
      kind: 'exited',
      code: 0,
    });
  });

  const posix = process.platform === 'win32' ? it.skip : it;
  posix('ends the process when we ourselves are killed without a chance to do so', async () => {
    const folder = tmp.dirSync({ unsafeCleanup: true }).name;
    const parentProgram = join(folder, 'parent.mts');
    writeFileSync(
      parentProgram,
      `
      import runner from ${JSON.stringify(pathToFileURL(join(__dirname, 'run-process.ts')).href)};
      const child = "require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)";
      await runner.runProcess({
        command: [process.execPath, '-e', child], cwd: ${JSON.stringify(folder)}, env: {},
        signal: new AbortController().signal, onLine: () => {},
      });
      `,
    );
    const loader = pathToFileURL(require.resolve('tsx')).href;
    const parent = spawn(process.execPath, ['--import', loader, parentProgram], { stdio: 'inherit' });
    const pid = Number(await appears(join(folder, 'pid')));
    // The guard starts right after the process; give it the time that it needs.
    await sleep(500);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    let gone = false;
    for (let attempt = 0; attempt < 120 && !gone; attempt++) {
      await sleep(25);
      gone = !isAlive(pid);
    }
    expect(gone).toBe(true);
  });
});
