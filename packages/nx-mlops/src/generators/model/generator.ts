import {
  addDependenciesToPackageJson,
  formatFiles,
  generateFiles,
  getProjects,
  logger,
  offsetFromRoot,
  runTasksInSerial,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { MlopsError, layout, type DatasetConfig } from '@nx-mlops/core';
import { join, posix } from 'node:path';
import initGenerator from '../init/generator';
import { terminalAsker, type Asker } from '../lib/asker';
import { askLearningProblem } from './lib/ask-learning-problem';
import { proposeLearningProblem, type LearningProblem } from './lib/propose-columns';
import {
  callersFolder,
  isNamedAfterFolder,
  locateProject,
  requireFreeFolder,
  siblingOf,
  type ProjectLocation,
} from '../lib/project-location';
import { addSampleDataset } from './lib/sample-dataset';
import { sourceBytes } from './lib/source-bytes';
import { sampleGate, starterGate } from './lib/starter-gate';
import { readTargetNames } from './lib/target-names';
import { trainingParams } from './lib/training-params';
import { trainingScripts } from './lib/training-script';
import { modelDevDependencies } from './lib/versions';
import {
  chooseDataset,
  chooseSplits,
  findProjectsWith,
  readDatasetConfig,
  type MlopsProject,
} from '../lib/mlops-projects';
import type { ModelGeneratorSchema } from './schema';

/**
 * Adds a model project to the workspace, and with `sample` its data too.
 *
 * All files go through the tree, so a dry run writes nothing; packages are installed by the returned callback.
 *
 * @throws MlopsError when the name or the folder will not do, when there is no dataset or more than one and none was
 *   named, or when a column that was named is not in the dataset
 */
export default async function modelGenerator(
  tree: Tree,
  options: ModelGeneratorSchema,
): Promise<GeneratorCallback> {
  const location = locateProject(options, callersFolder());
  requireFreeFolder(tree, location);
  const datasets = await findProjectsWith(tree, layout.datasetConfig);
  const projects = [...datasets, ...(await findProjectsWith(tree, layout.modelConfig))];
  requireFreeName(tree, location.name, projects);
  const asker = options.sample === true ? undefined : terminalAsker();
  const dataset =
    options.sample === true
      ? sampleBeside(location, options)
      : chooseDataset(datasets, options.dataset ?? (await askDataset(datasets, asker)));

  const initialized = await initGenerator(tree, {
    skipFormat: true,
    skipPackageJson: options.skipPackageJson,
  });
  if (options.sample === true) {
    requireFreeFolder(tree, dataset);
    requireFreeName(tree, dataset.name, projects);
    addSampleDataset(tree, dataset);
  }
  addModel(tree, location, dataset, await askedOptions(tree, dataset, options, asker));

  const installed =
    options.skipPackageJson === true
      ? () => {}
      : addDependenciesToPackageJson(tree, {}, modelDevDependencies(), 'package.json', true);
  if (options.skipFormat !== true) await formatFiles(tree);
  return runTasksInSerial(initialized, installed);
}

/** Undefined when there is nothing to choose or nobody to ask. */
async function askDataset(
  datasets: readonly MlopsProject[],
  asker: Asker | undefined,
): Promise<string | undefined> {
  const [first, ...others] = datasets.map(({ name }) => name);
  if (asker === undefined || first === undefined || others.length === 0) return undefined;
  return asker.select('Which dataset should it learn from?', [first, ...others], first);
}

async function askedOptions(
  tree: Tree,
  dataset: MlopsProject,
  options: ModelGeneratorSchema,
  asker: Asker | undefined,
): Promise<ModelGeneratorSchema> {
  if (asker === undefined) return options;
  const file = `${dataset.root}/${layout.datasetConfig}`;
  return askLearningProblem(readDatasetConfig(tree, dataset), options, file, asker);
}

function addModel(
  tree: Tree,
  location: ProjectLocation,
  dataset: MlopsProject,
  options: ModelGeneratorSchema,
): void {
  const { name, root } = location;
  const datasetFile = `${dataset.root}/${layout.datasetConfig}`;
  const config = readDatasetConfig(tree, dataset);
  const splits = chooseSplits(Object.keys(config.splits), datasetFile);
  const problem = proposeLearningProblem(config, options, datasetFile);
  generateFiles(tree, join(__dirname, 'files/model'), root, {
    name,
    isNamedAfterFolder: isNamedAfterFolder(location),
    offsetFromRoot: offsetFromRoot(root),
    baseTsconfig: baseTsconfig(tree, root),
    dataset: dataset.name,
    datasetLink: posix.relative(root, dataset.root),
    splits,
    task: problem.task.value,
    target: problem.target.value,
    features: problem.features,
    sliceExample: sliceExample(config, problem.features),
    paramsJson: JSON.stringify(trainingParams(sourceBytes(tree, dataset.root)), null, 2).replaceAll(
      '\n',
      '\n    ',
    ),
    gate: options.sample === true ? sampleGate : starterGate(problem),
    sample: options.sample === true,
    ...trainingScripts[problem.task.value],
    targets: readTargetNames(tree),
  });
  explain(location, problem);
}

/** A feature by whose values one would look at the metrics: a text, where there is one. */
function sliceExample({ schema }: DatasetConfig, features: readonly string[]): string | undefined {
  const text = schema?.fields.find(({ name, type }) => type === 'string' && features.includes(name));
  return text?.name ?? features[0];
}

/** Says what was chosen and where to change it. */
function explain(
  { name, root }: ProjectLocation,
  { task, target, features, leftOut }: LearningProblem,
): void {
  logger.info(`${name} predicts ${target.value}, ${target.because}; ${task.value}, ${task.because}.`);
  logger.info(`It learns from ${features.join(', ')}.`);
  leftOut.forEach(({ value, because }) => logger.info(`Not from ${value}: ${because}.`));
  logger.info(`To change any of it, edit ${root}/${layout.modelConfig}.`);
}

function sampleBeside(
  model: ProjectLocation,
  { dataset, features, target, task }: ModelGeneratorSchema,
): MlopsProject {
  const given = Object.entries({ dataset, features, target, task }).find(([, value]) => value !== undefined);
  if (given !== undefined) {
    throw new MlopsError(
      'MLOPS_SAMPLE_OPTIONS',
      `--sample brings its own data, task and columns, so it takes no --${given[0]}. Leave out one of the two.`,
    );
  }
  return siblingOf(model, `${model.name}-data`);
}

/** @throws MlopsError MLOPS_NAME_TAKEN when a project of that name is somewhere else */
function requireFreeName(tree: Tree, name: string, mlopsProjects: readonly MlopsProject[]): void {
  const root =
    mlopsProjects.find((project) => project.name === name)?.root ?? getProjects(tree).get(name)?.root;
  if (root === undefined) return;
  throw new MlopsError(
    'MLOPS_NAME_TAKEN',
    `There is a project "${name}" already, in ${root}. Choose another name.`,
  );
}

/** The workspace's settings, so that path aliases of its libraries resolve; undefined where it has none to share. */
function baseTsconfig(tree: Tree, root: string): string | undefined {
  return tree.exists('tsconfig.base.json') ? `${offsetFromRoot(root)}tsconfig.base.json` : undefined;
}
