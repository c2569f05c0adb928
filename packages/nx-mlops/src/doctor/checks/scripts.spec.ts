import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { examine, workspaceWith, writeFiles, type Files } from '../examine.fixture';
import { configsCheck } from './configs';
import { scriptsCheck } from './scripts';

const model = (training: object, evaluation?: object): object => ({
  task: 'regression',
  datasets: { train: 'flights:train', test: 'flights:test' },
  features: ['distance'],
  target: 'delay',
  training,
  ...(evaluation === undefined ? {} : { evaluation }),
});

it.each<[string, Files, RegExp]>([
  ['none', {}, /^skipped configs: there is no model/],
  ['a good one', { 'models/late/model.config.json': model({ entry: 'a.py' }) }, /^ok configs: 1 of/],
  [
    'broken JSON',
    { 'models/late/model.config.json': '{ "task": ' },
    /^problem configs: models\/late\/model\.config\.json: line 1/,
  ],
  [
    'an unknown key',
    { 'data/f/dataset.config.json': { sorces: 'a.csv' } },
    /^problem configs: data\/f\/dataset\.config\.json: .*unknown key/,
  ],
  ['one of a dependency', { 'node_modules/x/model.config.json': '{' }, /^skipped configs/],
])('configs: %s', async (_, files, line) => {
  expect(await examine(configsCheck, { files })).toEqual([expect.stringMatching(line)]);
});

/** A program that says it is a Python, or does what `body` does. */
function interpreter(root: string, path: string, body = 'echo "Python 3.11.4"'): void {
  writeFiles(root, {
    [path]: `#!/bin/sh
${body}
`,
  });
  chmodSync(join(root, path), 0o755);
}

const late: Files = {
  'models/late/model.config.json': model({ entry: 'train.py' }),
  'models/late/train.py': '',
};

it.each<[string, Files, (root: string) => void, readonly RegExp[]]>([
  ['no script at all', {}, () => undefined, [/^skipped scripts/, /^skipped Python/]],
  [
    'no Python anywhere',
    late,
    () => undefined,
    [/^ok scripts: 1 can/, /^problem Python: train\.py is in Python, and there is no interpreter/],
  ],
  [
    'a venv of the project',
    late,
    (root) => interpreter(root, 'models/late/.venv/bin/python'),
    [/^ok scripts/, /^ok Python: Python 3\.11\.4, models\/late\/\.venv\/bin\/python$/],
  ],
  [
    'a venv of the workspace',
    late,
    (root) => interpreter(root, '.venv/bin/python'),
    [/^ok scripts/, /^ok Python: Python 3\.11\.4, \.venv\/bin\/python$/],
  ],
  [
    'a venv that is broken',
    late,
    (root) => interpreter(root, '.venv/bin/python', 'exit 127'),
    [/^ok scripts/, /^problem Python: \.venv\/bin\/python ended with exit code 127 -> Make the virtual/],
  ],
  [
    'a venv without its interpreter, which PATH stands in for',
    late,
    (root) => {
      mkdirSync(join(root, '.venv'));
      interpreter(root, 'on path/python3');
    },
    [/^ok scripts/, /^warning Python: Python 3\.11\.4, on path\/python3: \.venv has no interpreter/],
  ],
  [
    'an entry that is missing',
    { 'models/late/model.config.json': model({ entry: 'train.py' }) },
    (root) => interpreter(root, '.venv/bin/python'),
    [
      /^problem scripts: models\/late\/model\.config\.json: training\.entry: "train\.py" is not in/,
      /^skipped Python/,
    ],
  ],
  [
    'a program that is missing',
    { 'models/late/model.config.json': model({ command: ['uv', 'run', 'train.py'] }) },
    () => undefined,
    [
      /^problem scripts: models\/late\/model\.config\.json: training\.command: there is no program "uv"/,
      /^skipped Python/,
    ],
  ],
  [
    'programs that are there, on PATH and beside the config',
    { 'models/late/model.config.json': model({ command: ['uv', 'x'] }, { command: ['./score.sh'] }) },
    (root) => {
      interpreter(root, 'on path/uv');
      interpreter(root, 'models/late/score.sh');
    },
    [/^ok scripts: 2 can be started/, /^skipped Python/],
  ],
  [
    'a prepare script',
    {
      'data/f/dataset.config.json': {
        sources: { raw: { path: 'a.csv' } },
        prepare: { entry: 'prepare.py' },
        splits: { train: { where: 'true' } },
        schema: { fields: [{ name: 'distance', type: 'number' }] },
      },
      'data/f/prepare.py': '',
    },
    (root) => interpreter(root, 'data/f/.venv/bin/python'),
    [/^ok scripts: 1/, /^ok Python: .* data\/f\/\.venv/],
  ],
])('scripts: %s', async (_, files, prepare, lines) => {
  const workspaceRoot = workspaceWith();
  prepare(workspaceRoot);
  const found = await examine(scriptsCheck, { workspaceRoot, files, env: { PATH: '<root>/on path' } });
  expect(found).toEqual(lines.map((line) => expect.stringMatching(line)));
});
