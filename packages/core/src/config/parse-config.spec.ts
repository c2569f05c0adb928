import { datasetConfigSchema } from './dataset-config';
import { mlopsConfigSchema } from './mlops-config';
import { modelConfigSchema } from './model-config';
import { formatPath, parseConfig } from './parse-config';

const model = {
  task: 'binary-classification',
  datasets: { train: 'flights:train', test: 'flights:test' },
  features: ['distance', 'hour'],
  target: 'late',
  training: { entry: 'src/train.ts' },
};

/** The model config with some keys replaced; undefined leaves one out. */
function modelText(changes: object): string {
  return JSON.stringify({ ...model, ...changes });
}

const evaluation = (value: object) => modelText({ evaluation: value });

describe('parseConfig', () => {
  it('takes JSON with comments and trailing commas, and fills in defaults', () => {
    const text = `// Late flights\n${modelText({}).slice(0, -1)}, /* none */ }`;
    expect(parseConfig(text, modelConfigSchema, 'model.config.json')).toMatchObject({
      training: { params: {}, seed: 0 },
      evaluation: { threshold: 0.5, slices: [], gates: [] },
    });
  });

  it.each([
    ['an unknown key', modelText({ featuers: [] }), 'featuers: unknown key. Did you mean "features"?'],
    [
      'an unknown key deeper down',
      modelText({ training: { entry: 'a.ts', sed: 1 } }),
      'training.sed: unknown key. Did you mean "seed"?',
    ],
    [
      'an unknown key in a gate',
      evaluation({ gates: [{ metric: 'f1', min: 0, minrows: 3 }] }),
      'evaluation.gates[0].minrows: unknown key. Did you mean "minRows"?',
    ],
    [
      'a misspelt task',
      modelText({ task: 'binary' }),
      'task: "binary" is not valid. Did you mean "binary-classification"?',
    ],
    [
      'a misspelt metric',
      evaluation({ metrics: ['auc'] }),
      'evaluation.metrics[0]: "auc" is no metric of binary-classification. Did you mean "roc-auc"?',
    ],
    [
      'a metric in the spelling of Python',
      evaluation({ metrics: ['log_loss'] }),
      'evaluation.metrics[0]: "log_loss" is no metric of binary-classification. Did you mean "log-loss"?',
    ],
    ['a missing key', modelText({ target: undefined }), 'target: is missing (string).'],
    [
      'a missing choice',
      modelText({ task: undefined }),
      'task: is missing. Valid: binary-classification, multiclass-classification, regression, ranking, custom.',
    ],
    ['a wrong type', modelText({ features: 'hour' }), 'features: must be of type array.'],
    [
      'a split that is not named',
      modelText({ datasets: { train: 'flights', test: 'flights:test' } }),
      'datasets.train: a dataset and its split, such as "flights:train".',
    ],
    ['no way to train', modelText({ training: {} }), 'training: give either "entry" or "command".'],
    [
      'two ways to train',
      modelText({ training: { entry: 'a.ts', command: ['a'] } }),
      'training: give either "entry" or "command".',
    ],
    ['a feature twice', modelText({ features: ['hour', 'hour'] }), 'features: "hour" is listed twice.'],
    [
      'the target as a feature',
      modelText({ features: ['late'] }),
      'features: "late" is the target, so it cannot be a feature.',
    ],
    [
      'a metric of another task',
      evaluation({ metrics: ['rmse'] }),
      'evaluation.metrics[0]: "rmse" is no metric of binary-classification. Valid: roc-auc, pr-auc, log-loss, brier, ece, accuracy, balanced-accuracy, precision, recall, specificity, f1, mcc, kappa.',
    ],
    [
      'a gate that nothing measures',
      evaluation({ metrics: ['f1'], gates: [{ metric: 'roc-auc', min: 0 }] }),
      'evaluation.gates[0].metric: "roc-auc" is not measured; list it in evaluation.metrics (measured now: f1).',
    ],
    [
      'a gate without a limit',
      evaluation({ gates: [{ metric: 'f1' }] }),
      'evaluation.gates[0]: a gate needs "min", "max", "maxGap" or "versus".',
    ],
    [
      'a gate on a slice that nobody cuts',
      evaluation({ gates: [{ metric: 'f1', min: 0, slice: 'origin' }] }),
      'evaluation.gates[0].slice: "origin" is not among evaluation.slices.',
    ],
    ['no object', '[]', '(root): must be of type object.'],
  ])('names %s', (_, text, message) => {
    expect(() => parseConfig(text, modelConfigSchema, 'model.config.json')).toThrow(
      expect.objectContaining({
        code: 'MLOPS_CONFIG_INVALID',
        message: `model.config.json: ${message}`,
      }),
    );
  });

  it('names every violation, not the first alone', () => {
    const text = modelText({ target: undefined, colour: 'red' });
    expect(() => parseConfig(text, modelConfigSchema, 'm.json')).toThrow(
      /target: is missing.*colour: unknown key/,
    );
  });

  it.each([
    ['{"task": }', 'line 1, column 10: ValueExpected'],
    ['{\n  "task": "regression"\n  "target": 1\n}', 'line 3, column 3: CommaExpected'],
    ['', 'line 1, column 1: ValueExpected'],
  ])('shows where %p is no JSON', (text, message) => {
    expect(() => parseConfig(text, modelConfigSchema, 'm.json')).toThrow(
      expect.objectContaining({
        code: 'MLOPS_CONFIG_SYNTAX',
        message: expect.stringContaining(`m.json: ${message}`) as string,
      }),
    );
  });

  it.each([
    ['a split that is neither', { splits: { train: { wher: 'x' } } }, /splits\.train/],
    ['no splits', { splits: {} }, /splits: at least one split/],
    ['an unsafe name of a split', { splits: { '../x': { fraction: 0.5 } } }, /splits.*/],
    ['a share of more than all', { splits: { train: { fraction: 2 } } }, /splits\.train\.fraction/],
    [
      'an unknown check and the nearest one',
      { validation: { checks: { duplicateRow: 'off' } } },
      /validation\.checks\.duplicateRow: unknown key\. Did you mean "duplicateRows"\?/,
    ],
    [
      'an unknown severity and the nearest one',
      { validation: { checks: { skew: 'wran' } } },
      /validation\.checks\.skew: "wran" is not valid\. Did you mean "warn"\?/,
    ],
    [
      'an unknown parameter of a check and the nearest one',
      { validation: { checks: { skew: { treshold: 0.2 } } } },
      /validation\.checks\.skew\.treshold: unknown key\. Did you mean "threshold"\?/,
    ],
    [
      'a parameter that is too large',
      { validation: { checks: { skew: { threshold: 2 } } } },
      /validation\.checks\.skew\.threshold/,
    ],
  ])('of a dataset names %s', (_, changes, message) => {
    const text = JSON.stringify({
      sources: { flights: { path: 'flights.csv' } },
      splits: { train: { fraction: 1 } },
      ...changes,
    });
    expect(() => parseConfig(text, datasetConfigSchema, 'd.json')).toThrow(message);
  });

  it.each([
    [{ sql: 'p.sql' }],
    [{ entry: 'p.ts', params: { a: [1] }, seed: 3, timeoutMinutes: 0.5 }],
    [{ command: ['make', 'data'] }],
  ])('takes a dataset that is prepared by %j', (prepare) => {
    const text = JSON.stringify({
      sources: { a: { path: 'a.csv', encoding: 'latin-1' }, b: { dataset: 'flights:train' } },
      prepare,
      splits: 'sql' in prepare ? { all: { fraction: 1 } } : { all: { file: 'deep/all.parquet' } },
    });
    expect(parseConfig(text, datasetConfigSchema, 'd.json').prepare).toEqual(prepare);
  });

  it.each<[object, object, string]>([
    [{}, {}, 'd.json: prepare: give one of "sql", "entry" and "command".'],
    [
      { sql: 'a', entry: 'b' },
      {},
      'prepare: give one of "sql", "entry" and "command", not "sql" and "entry".',
    ],
    [
      { sql: 'a', params: {} },
      {},
      'prepare.params: belongs to a script ("entry" or "command"); SQL has none',
    ],
    [{ sql: 'a', timeoutMinutes: 1 }, {}, 'prepare.timeoutMinutes: belongs to a script'],
    [{ entri: 'a' }, {}, 'prepare.entri: unknown key. Did you mean "entry"?'],
    [{ entry: 'a', seed: -1 }, {}, 'prepare.seed'],
    [{ sql: 'a' }, { file: 'a.parquet' }, 'splits.s.file: is left by a prepare script, and there is none'],
    [{ entry: 'a' }, { file: 'a.csv' }, 'splits.s.file: a Parquet file, such as "train.parquet"'],
    [{ entry: 'a' }, { file: '../a.parquet' }, 'splits.s.file: a path inside the output folder'],
    [{ entry: 'a' }, { file: '/a.parquet' }, 'splits.s.file: a path inside the output folder'],
    [{ entry: 'a' }, { file: 'C:/a.parquet' }, 'splits.s.file: a path inside the output folder'],
    [{ entry: 'a' }, { file: 'a\\b.parquet' }, 'splits.s.file: a path inside the output folder'],
    [{ entry: 'a' }, { file: 'a/../../b.parquet' }, 'splits.s.file: a path inside the output folder'],
  ])('of a dataset prepared by %j with a split %j says so', (prepare, split, message) => {
    const splits = { s: Object.keys(split).length === 0 ? { fraction: 1 } : split };
    const text = JSON.stringify({ sources: { a: { path: 'a.csv' } }, prepare, splits });
    expect(() => parseConfig(text, datasetConfigSchema, 'd.json')).toThrow(message);
  });

  it.each([
    [
      'an environment twice',
      { environments: [{ name: 'a' }, { name: 'a' }] },
      /each environment has a name of its own/,
    ],
    ['no environment', { environments: [] }, /environments: /],
    [
      'another kind of registry',
      { registry: 'ftp://x', environments: [{ name: 'a' }] },
      /registry: a registry such as/,
    ],
  ])('of the workspace names %s', (_, config, message) => {
    expect(() => parseConfig(JSON.stringify(config), mlopsConfigSchema, 'mlops.json')).toThrow(message);
  });
});

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 1, 'b'], 'a[1].b'],
  [[0, 'a'], '[0].a'],
])('formatPath writes %j as %p', (path, expected) => {
  expect(formatPath(path)).toBe(expected);
});
