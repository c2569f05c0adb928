import { chmod } from 'node:fs/promises';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { flightsData } from './workspace-files';

/** One change to the workspace, and the tasks that it must make run; every other task must come from the cache. */
export interface Edit {
  readonly title: string;
  readonly change: (workspace: Workspace) => Promise<void>;
  readonly runs: readonly string[];
}

const trainings = ['late:train', 'night:train', 'rain:train'];
const evaluations = ['late:evaluate', 'night:evaluate', 'rain:evaluate'];
const late = ['late:train', 'late:evaluate'];
const onFlights = [...late, 'night:train', 'night:evaluate'];
const flights = ['flights:prepare', 'flights:validate'];
/** Made from flights:train. */
const delays = ['delays:prepare', 'delays:validate'];

const config = 'ml/late/model.config.json';
const dataset = 'ml/flights/dataset.config.json';

/** Replaces a text that must be there. */
function replace(file: string, before: string | RegExp, after: string): Edit['change'] {
  return (workspace) => workspace.edit(file, (text) => text.replace(before, after));
}

function append(file: string, text: string): Edit['change'] {
  return (workspace) => workspace.edit(file, (before) => before + text);
}

function write(file: string, text: string): Edit['change'] {
  return (workspace) => workspace.write(file, text);
}

/** Changes the data and pins it anew. */
function data(text: string): Edit['change'] {
  return async (workspace) => {
    await workspace.write('ml/flights/data/flights.csv', text);
    await workspace.mustNx(['run', 'flights:lock']);
  };
}

/** Gives an npm package of the lockfile another version, as an upgrade does. */
function upgrade(name: string): Edit['change'] {
  return async (workspace) => {
    const lock = JSON.parse(await workspace.read('package-lock.json'));
    const entry = lock.packages[`node_modules/${name}`];
    Object.assign(entry, { version: '99.0.0', integrity: 'sha512-another' });
    await workspace.write('package-lock.json', JSON.stringify(lock, null, 2));
  };
}

async function addUnrelatedPackage(workspace: Workspace): Promise<void> {
  const lock = JSON.parse(await workspace.read('package-lock.json'));
  lock.packages['node_modules/left-pad'] = { version: '1.3.0', resolved: 'https://example.org/left-pad.tgz' };
  lock.packages[''].dependencies = { 'left-pad': '1.3.0' };
  await workspace.write('package-lock.json', JSON.stringify(lock, null, 2));
  await workspace.edit('package.json', (text) =>
    text.replace('"dependencies": {', '"dependencies": { "left-pad": "1.3.0"'),
  );
}

async function anotherPython(workspace: Workspace): Promise<void> {
  const python = 'ml/night/.venv/bin/python';
  await workspace.write(
    python,
    '#!/bin/sh\n[ "$1" = --version ] && echo Python 9.9.9 || exec python3 "$@"\n',
  );
  await chmod(workspace.path(python), 0o755);
}

export const edits: readonly Edit[] = [
  // What a training is made of.
  {
    title: "a training's code",
    change: append('ml/late/src/train.ts', '// another line\n'),
    runs: ['late:train'],
  },
  {
    title: 'a new file beside the code',
    change: write('ml/late/src/vocabulary.txt', 'a'),
    runs: ['late:train'],
  },
  {
    title: 'a parameter that changes the model',
    change: replace(config, '"variant": 1', '"variant": 2'),
    runs: late,
  },
  {
    title: 'a parameter that changes nothing',
    change: replace(config, '"note": "a"', '"note": "b"'),
    runs: ['late:train'],
  },
  { title: 'the seed', change: replace(config, '"seed": 7', '"seed": 8'), runs: ['late:train'] },
  {
    title: 'the order of the features',
    change: replace(config, /"amount",\s*"origin"/, '"origin", "amount"'),
    runs: late,
  },
  { title: 'the target', change: replace(config, '"target": "late"', '"target": "cancelled"'), runs: late },
  {
    title: 'the split that it learns from',
    change: replace(config, '"train": "flights:train"', '"train": "flights:test"'),
    runs: late,
  },
  {
    title: 'the split that it is measured on',
    change: replace(config, '"test": "flights:test"', '"test": "flights:train"'),
    runs: ['late:evaluate'],
  },
  {
    title: 'code of a library that it imports',
    change: replace('libs/encode/src/scale.ts', '1', '2'),
    runs: ['late:train'],
  },
  {
    title: 'data beside the code of such a library',
    change: replace('libs/encode/src/limits.json', '100', '200'),
    runs: ['late:train'],
  },
  {
    title: 'the version of a package that it imports',
    change: upgrade('@tensorflow/tfjs-core'),
    runs: ['late:train'],
  },
  {
    title: 'the version of a package that such a package needs',
    change: upgrade('seedrandom'),
    runs: ['late:train'],
  },
  {
    title: "a Python training's code",
    change: append('ml/night/train.py', '# another line\n'),
    runs: ['night:train'],
  },
  {
    title: 'the lock file of the Python environment',
    change: replace('requirements.txt', '2.3.1', '2.3.2'),
    runs: ['night:train'],
  },
  { title: 'the version of Python', change: anotherPython, runs: ['night:train'] },

  // What a dataset is made of.
  {
    title: 'a row of the training split',
    change: data(`${flightsData}1,30,JFK,true,false\n`),
    runs: [...flights, ...delays, ...onFlights],
  },
  {
    title: 'a row of the test split',
    change: data(`${flightsData}6,30,JFK,true,false\n`),
    runs: [...flights, 'late:evaluate', 'night:evaluate'],
  },
  {
    title: 'prepare SQL that changes the rows',
    change: replace('ml/flights/prepare.sql', 'amount::DOUBLE', 'amount::DOUBLE * 2'),
    runs: [...flights, ...delays, ...onFlights],
  },
  {
    title: 'prepare SQL that gives the same rows',
    change: append('ml/flights/prepare.sql', '-- a comment\n'),
    runs: ['flights:prepare'],
  },
  {
    title: 'a split rule',
    change: replace(dataset, 'month <= 4', 'month <= 3'),
    runs: [...flights, ...delays, ...onFlights],
  },
  {
    title: "a prepare script's code",
    change: append('ml/delays/prepare.ts', '// another line\n'),
    runs: ['delays:prepare'],
  },
  {
    title: 'code of a library that a prepare script imports',
    change: replace('libs/clean/src/clean.ts', '1', '2'),
    runs: ['delays:prepare'],
  },
  {
    title: 'a parameter of a prepare script',
    change: replace('ml/delays/dataset.config.json', '"note": "a"', '"note": "b"'),
    runs: ['delays:prepare'],
  },
  {
    title: 'the split that a dataset is made from',
    change: replace('ml/delays/dataset.config.json', 'flights:train', 'flights:test'),
    runs: delays,
  },
  {
    title: 'the seed of the splits',
    change: replace('ml/weather/dataset.config.json', '"seed": 1', '"seed": 2'),
    runs: ['weather:prepare', 'weather:validate', 'rain:train', 'rain:evaluate'],
  },
  {
    title: 'a check in SQL',
    change: append('ml/flights/checks/negative.sql', '-- Again.\n'),
    runs: ['flights:validate'],
  },
  {
    title: 'a constraint of the schema',
    change: replace(dataset, '"minimum": 0', '"minimum": -1'),
    runs: ['flights:validate'],
  },
  {
    title: 'the fewest rows',
    change: replace(dataset, '"minRows": 2', '"minRows": 3'),
    runs: ['flights:validate'],
  },

  // What is measured.
  {
    title: 'the metrics',
    change: replace(config, '"roc-auc",\n', '"roc-auc", "brier",\n'),
    runs: ['late:evaluate'],
  },
  {
    title: 'the threshold',
    change: replace(config, '"threshold": 0.5', '"threshold": 0.4'),
    runs: ['late:evaluate'],
  },
  {
    title: 'the slices',
    change: replace(config, /"slices": \[[^\]]*\]/, '"slices": []'),
    runs: ['late:evaluate'],
  },
  {
    // Any code file of a project may be imported by its training, so the training runs too.
    title: "an evaluation script's code",
    change: append('ml/rain/evaluate.mjs', '// another line\n'),
    runs: ['rain:train', 'rain:evaluate'],
  },
  {
    title: 'a parameter of an evaluation script',
    change: replace(
      'ml/rain/model.config.json',
      '"note": "a"\n    },\n    "timeoutMinutes"',
      '"note": "b"\n    },\n    "timeoutMinutes"',
    ),
    runs: ['rain:evaluate'],
  },
  {
    title: 'the direction of a custom metric',
    change: replace('ml/rain/model.config.json', '"higher"', '"lower"'),
    runs: ['rain:evaluate'],
  },
  { title: 'the version of ONNX Runtime', change: upgrade('onnxruntime-node'), runs: evaluations },

  // What changes no result.
  { title: 'the gates', change: replace(config, '"min": 0.01', '"min": 0.02'), runs: [] },
  { title: "a model's README", change: append('ml/late/README.md', 'A note.\n'), runs: [] },
  { title: "a model's test", change: append('ml/late/src/train.spec.ts', '// more\n'), runs: [] },
  { title: 'a test in Python', change: append('ml/night/test_train.py', '# more\n'), runs: [] },
  { title: 'a new test folder', change: write('ml/late/src/__tests__/data.ts', '// a fixture'), runs: [] },
  {
    title: 'the settings of other tools',
    change: write('ml/late/eslint.config.mjs', 'export default [];\n'),
    runs: [],
  },
  {
    title: 'descriptions and $schema',
    change: replace(config, '"A model"', '"Another", "$schema": "../../model.schema.json"'),
    runs: [],
  },
  {
    title: 'layout and comments of the config',
    change: (workspace) =>
      workspace.edit(config, (text) => `// a comment\n${JSON.stringify(JSON.parse(text))}`),
    runs: [],
  },
  {
    title: 'the time limit of an evaluation script',
    change: replace('ml/rain/model.config.json', /("timeoutMinutes": )5(,\s*"customMetrics")/, '$1 6$2'),
    runs: [],
  },
  {
    title: 'the time limit',
    change: replace(config, '"timeoutMinutes": 5', '"timeoutMinutes": 6'),
    runs: [],
  },
  {
    title: 'the machines of the CI that train it',
    change: replace(config, '"timeoutMinutes": 5', '"resourceClass": "gpu", "timeoutMinutes": 5'),
    runs: [],
  },
  {
    title: 'the pipeline',
    change: replace('mlops.json', '"registry"', '"ci": { "providers": ["github"], "agents": 4 }, "registry"'),
    runs: [],
  },
  {
    title: 'deployment settings',
    change: replace('mlops.json', 'file:.mlops/registry', 'file:.mlops/elsewhere'),
    runs: [],
  },
  { title: "an environment's description", change: replace('mlops.json', 'First', 'The first'), runs: [] },
  { title: 'an unrelated npm package', change: addUnrelatedPackage, runs: [] },
  { title: 'the version of a package that nobody imports', change: upgrade('fastify'), runs: [] },
  { title: 'the version of nx-mlops', change: upgrade('nx-mlops'), runs: [] },
  { title: "a dataset's README", change: append('ml/flights/README.md', 'A note.\n'), runs: [] },
  { title: "a prepare script's README", change: append('ml/delays/README.md', 'A note.\n'), runs: [] },
  { title: "a prepare script's test", change: append('ml/delays/prepare.spec.ts', '// more\n'), runs: [] },
  {
    title: 'the time limit of a prepare script',
    change: replace('ml/delays/dataset.config.json', '"timeoutMinutes": 5', '"timeoutMinutes": 6'),
    runs: [],
  },
  { title: "a dataset's description", change: replace(dataset, '"Flights"', '"All flights"'), runs: [] },
  { title: "an imported library's README", change: append('libs/encode/README.md', 'A note.\n'), runs: [] },
  {
    title: "an imported library's test",
    change: append('libs/encode/src/scale.spec.ts', '// more\n'),
    runs: [],
  },
  {
    title: 'a library that nobody imports',
    change: append('libs/other/src/index.ts', '// more\n'),
    runs: [],
  },
  {
    title: 'another model',
    change: append('ml/rain/train.mjs', '// more\n'),
    runs: ['rain:train', 'rain:evaluate'],
  },
  { title: 'a new model', change: write('ml/late2/README.md', 'Not yet.\n'), runs: [] },

  // The price that Nx asks: the configurations of a project are in the hash of all of its tasks.
  {
    title: 'a new environment',
    change: replace('mlops.json', '"name": "production"', '"name": "canary" }, { "name": "production"'),
    runs: [...trainings, ...evaluations],
  },
];
