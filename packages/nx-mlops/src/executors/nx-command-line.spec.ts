import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { argumentsOfNx, nxCommandLine } from './nx-command-line';

tmp.setGracefulCleanup();

describe('argumentsOfNx', () => {
  it.each([
    [
      ['node', '/w s/node_modules/.bin/nx', 'run', 'a:b:c'],
      ['run', 'a:b:c'],
    ],
    [
      ['/usr/bin/node', '/w/node_modules/nx/dist/bin/nx.js', 'affected', '-t', 'deploy'],
      ['affected', '-t', 'deploy'],
    ],
    [
      ['nx', 'deploy', 'a'],
      ['deploy', 'a'],
    ],
    [['node', '/w/node_modules/nx/dist/bin/run-executor.js', '{}'], undefined],
    [['bash', '-c', 'nx run a:b'], undefined],
    [['node', 'nx-mlops', 'x'], undefined],
  ])('of %j are %j', (args, expected) => {
    expect(argumentsOfNx(args)).toEqual(expected);
  });
});

describe('nxCommandLine', () => {
  it('finds nx above the process, its arguments whole', async () => {
    const folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a folder');
    mkdirSync(folder);
    const nx = join(folder, 'nx.js');
    // Stands in for nx: starts a child, as nx starts an executor, and says its process id.
    writeFileSync(
      nx,
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
       process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });
       process.stdout.write(String(child.pid));`,
    );
    const parent = spawn(process.execPath, [nx, 'run', 'late:deploy:prodution', '--reason=two words']);
    try {
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
      expect(nxCommandLine(Number(String(pid)))).toEqual([
        'run',
        'late:deploy:prodution',
        expect.stringMatching(/^--reason=two/),
        ...(process.platform === 'linux' ? [] : ['words']),
      ]);
    } finally {
      parent.kill('SIGTERM');
    }
  });

  it('is unknown where no nx is above', () => {
    expect(nxCommandLine(1)).toBeUndefined();
  });
});
