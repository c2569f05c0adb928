import { globAsync, parseJson, type Tree } from '@nx/devkit';
import {
  MlopsError,
  datasetConfigSchema,
  layout,
  parseConfig,
  suggestion,
  type DatasetConfig,
} from '@nx-mlops/core';
import { basename, dirname } from 'node:path';

/** A dataset or model as the generator's tree holds it. */
export interface MlopsProject {
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
}

/**
 * Every project with this config file, sorted by name. One whose config is broken is listed too: it is judged when it
 * is chosen.
 */
export async function findProjectsWith(
  tree: Tree,
  configFile: typeof layout.datasetConfig | typeof layout.modelConfig,
): Promise<MlopsProject[]> {
  const files = await globAsync(tree, [`**/${configFile}`]);
  return files
    .filter((file) => dirname(file) !== '.')
    .map((file) => ({ name: projectName(tree, file), root: dirname(file) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * The dataset that a new model learns from.
 *
 * @param requested its project name; may be left out where there is only one
 * @throws MlopsError MLOPS_NO_DATASET, MLOPS_UNKNOWN_DATASET, MLOPS_DATASET_UNDECIDED, each with what to type instead
 */
export function chooseDataset(datasets: readonly MlopsProject[], requested?: string): MlopsProject {
  const names = datasets.map(({ name }) => name);
  const [first, ...others] = datasets;
  if (first === undefined) {
    throw new MlopsError(
      'MLOPS_NO_DATASET',
      'There is no dataset in this workspace for the model to learn from. Add one with nx g nx-mlops:dataset <name> --source=<file>, or call this generator with --sample to begin with the Palmer penguins.',
    );
  }
  if (requested !== undefined) {
    const found = datasets.find(({ name }) => name === requested);
    if (found !== undefined) return found;
    throw new MlopsError(
      'MLOPS_UNKNOWN_DATASET',
      `--dataset=${requested}: there is no dataset of that name.${suggestion(requested, names)}`,
    );
  }
  if (others.length === 0) return first;
  throw new MlopsError(
    'MLOPS_DATASET_UNDECIDED',
    `This workspace has several datasets: ${names.join(', ')}. Say which one the model learns from, such as --dataset=${first.name}.`,
  );
}

/** @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID */
export function readDatasetConfig(tree: Tree, { root }: MlopsProject): DatasetConfig {
  const file = `${root}/${layout.datasetConfig}`;
  return parseConfig(tree.read(file, 'utf-8') ?? '', datasetConfigSchema, file);
}

/** A dataset's splits by the part that they play for a model. */
export interface ChosenSplits {
  readonly train: string;
  readonly validation?: string;
  readonly test: string;
}

const splitNames = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'holdout', 'eval', 'evaluation'],
} as const;

/**
 * @param splits names in the order of the config
 * @throws MlopsError MLOPS_SPLITS_UNDECIDED when no two of them are to be told apart as train and test
 */
export function chooseSplits(splits: readonly string[], configFile: string): ChosenSplits {
  const find = (part: keyof typeof splitNames) =>
    splits.find((split) => (splitNames[part] as readonly string[]).includes(split.toLowerCase()));
  const validation = find('validation');
  const rest = splits.filter((split) => split !== validation);
  const train = find('train') ?? rest.find((split) => split !== find('test'));
  const test = find('test') ?? rest.find((split) => split !== train);
  if (train === undefined || test === undefined) {
    throw new MlopsError(
      'MLOPS_SPLITS_UNDECIDED',
      `a model needs a split to learn from and another to be measured on; this dataset offers ${splits.join(', ')}. Add one, such as "train": { "fraction": 0.8 }, "test": { "fraction": 0.2 }.`,
      { file: configFile, path: 'splits' },
    );
  }
  return validation === undefined ? { train, test } : { train, validation, test };
}

/** As Nx will call it: by project.json, package.json or the config, whichever comes first with a name, else the folder. */
function projectName(tree: Tree, configFile: string): string {
  const root = dirname(configFile);
  const read = (file: string) => objectIn(tree.read(file, 'utf-8'));
  const packageJson = read(`${root}/package.json`);
  const names = [
    read(`${root}/project.json`)['name'],
    isObject(packageJson['nx']) ? packageJson['nx']['name'] : undefined,
    packageJson['name'],
    read(configFile)['name'],
  ];
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? basename(root);
}

function objectIn(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = parseJson(text, { allowTrailingComma: true });
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
