import { execSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { pythonVersionCommand } from './script-files';

const posix = process.platform === 'win32' ? describe.skip : describe;

posix('pythonVersionCommand', () => {
  const workspace = dirSync({ prefix: 'a workspace', unsafeCleanup: true });
  afterAll(() => workspace.removeCallback());

  const run = (PATH: string) =>
    execSync(pythonVersionCommand('ml/late model', 'posix'), {
      cwd: workspace.name,
      env: { PATH },
      shell: '/bin/sh',
      encoding: 'utf8',
    }).trim();

  function python(file: string, version: string): void {
    const path = join(workspace.name, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
    chmodSync(path, 0o755);
  }

  it('prefers the .venv of the project, then that of the workspace, then the PATH, and never fails', () => {
    const bin = join(workspace.name, 'bin');
    expect(run('/nowhere')).toBe('no-python');
    python('bin/python', 'Python 3.10');
    expect(run(bin)).toBe('Python 3.10');
    python('bin/python3', 'Python 3.11');
    expect(run(bin)).toBe('Python 3.11');
    python('.venv/bin/python', 'Python 3.12');
    expect(run(bin)).toBe('Python 3.12');
    python('ml/late model/.venv/bin/python', 'Python 3.13');
    expect(run(bin)).toBe('Python 3.13');
  });
});
