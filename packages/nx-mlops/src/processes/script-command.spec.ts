import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import tmp from 'tmp';
import { scriptCommand, scriptEnvironment, type ScriptProject } from './script-command';

tmp.setGracefulCleanup();

function workspace(files: readonly string[]): ScriptProject {
  const workspaceRoot = tmp.dirSync({ unsafeCleanup: true }).name;
  for (const file of ['ml/m/.keep', ...files]) {
    mkdirSync(join(workspaceRoot, file, '..'), { recursive: true });
    writeFileSync(join(workspaceRoot, file), '');
  }
  return { workspaceRoot, root: 'ml/m', folder: join(workspaceRoot, 'ml/m') };
}
const training = (entry: string) => ({
  entry,
  location: { file: 'ml/m/model.config.json', path: 'training' },
});

describe('scriptCommand', () => {
  it.each(['train.js', 'train.mjs', 'train.cjs'])('runs %s by the Node.js that runs us', (entry) => {
    const project = workspace([`ml/m/${entry}`]);
    expect(scriptCommand(project, training(entry), {}).argv).toEqual([process.execPath, entry]);
  });

  it.each([
    ['the project has a tsconfig of its own', ['tsconfig.base.json', 'ml/m/tsconfig.json'], false],
    ['the workspace has a tsconfig.json', ['tsconfig.base.json', 'tsconfig.json'], false],
    ['there is only tsconfig.base.json', ['tsconfig.base.json'], true],
    ['there is none', [], false],
  ])('points tsx to tsconfig.base.json just where it would not find one: %s', (_what, files, pointed) => {
    const project = workspace(['ml/m/train.ts', ...files]);
    const { argv, env } = scriptCommand(project, training('train.ts'), {});
    expect(argv.slice(0, 2)).toEqual([process.execPath, '--import']);
    expect(env).toEqual(
      pointed ? { TSX_TSCONFIG_PATH: join(project.workspaceRoot, 'tsconfig.base.json') } : {},
    );
  });

  const posix = process.platform === 'win32' ? it.skip : it;
  posix.each([
    [
      'that of the project',
      ['ml/m/.venv/bin/python', '.venv/bin/python', 'bin/python3'],
      'ml/m/.venv/bin/python',
    ],
    ['that of the workspace', ['.venv/bin/python', 'bin/python3'], '.venv/bin/python'],
    ['python3 on PATH', ['bin/python3', 'bin/python'], 'bin/python3'],
    ['python on PATH', ['bin/python'], 'bin/python'],
  ])('takes for Python %s', (_what, files, expected) => {
    const project = workspace(['ml/m/train.py', ...files]);
    const env = { PATH: ['/nowhere', join(project.workspaceRoot, 'bin')].join(delimiter) };
    expect(scriptCommand(project, training('train.py'), env).argv).toEqual([
      join(project.workspaceRoot, expected),
      'train.py',
    ]);
  });

  it('says so when there is no Python', () => {
    const project = workspace(['ml/m/train.py']);
    expect(() => scriptCommand(project, training('train.py'), { PATH: '/nowhere' })).toThrow(
      /no interpreter: no \.venv in the project or the workspace/,
    );
  });
});

it('the environment keeps ours, fixes threads and hash seed, and names the context', () => {
  const env = scriptEnvironment(
    { HOME: '/h', MKL_NUM_THREADS: '8' },
    { contextFile: '/c.json', threads: 1, seed: 2 ** 32 + 5 },
  );
  expect(env).toMatchObject({ HOME: '/h', MLOPS_RUN: '/c.json', MKL_NUM_THREADS: '1', PYTHONHASHSEED: '5' });
});
