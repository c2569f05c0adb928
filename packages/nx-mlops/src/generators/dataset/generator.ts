import {
  formatFiles,
  generateFiles,
  getProjects,
  logger,
  offsetFromRoot,
  runTasksInSerial,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { MlopsError, layout, safeName, type DatasetConfig, type DatasetLock } from '@nx-mlops/core';
import execa from 'execa';
import { constants } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { inferFields, type InferredTable } from '../../data/sources/infer-fields';
import { lockText } from '../../data/lock/lock-text';
import { StatCache } from '../../data/lock/stat-cache';
import initGenerator from '../init/generator';
import { findProjectsWith } from '../lib/mlops-projects';
import {
  callersFolder,
  isNamedAfterFolder,
  locateProject,
  type ProjectLocation,
} from '../lib/project-location';
import { distinctValues } from './lib/distinct-values';
import { locateSource, type LocatedSource } from './lib/locate-source';
import { prepareSql } from './lib/prepare-sql';
import { proposeSplits, type ProposedSplits } from './lib/propose-splits';
import type { DatasetGeneratorSchema } from './schema';

export { inferFields } from '../../data/sources/infer-fields';

const PREPARE_SQL = 'prepare.sql';

/**
 * Adds a dataset project for a data file: config with a proposed schema and splits, lock, README. All files go through
 * the tree, so a dry run writes nothing; only the data itself, with `copy`, is copied by the returned callback.
 *
 * @throws MlopsError when the name or the folder will not do, when the data is not there, outside the workspace without
 *   `copy`, or cannot be read, and when split options contradict each other
 */
export default async function datasetGenerator(
  tree: Tree,
  options: DatasetGeneratorSchema,
): Promise<GeneratorCallback> {
  const location = await locateDataset(tree, options);
  const source = await locateSource(options.source, options.copy === true, {
    workspaceRoot: tree.root,
    cwd: join(tree.root, callersFolder()),
    projectFolder: join(tree.root, location.root),
  });
  const sql = await readPrepareSql(tree, options);
  const table = await inferFields(
    source.files,
    undefined,
    sql === undefined ? undefined : { source: source.name, sql },
  );
  const columns = table.fields.map(({ name }) => name);
  const splits = await proposeSplits(options, columns, (column, most) =>
    distinctValues(source.files, column, most),
  );
  const withSql = sql !== undefined || options.prepare === true || table.unusable.length > 0;
  const config = proposeConfig(location, source, table, splits, withSql);
  const lock = await lockOf(tree, location, source);

  const initialized = await initGenerator(tree, {
    skipFormat: true,
    skipPackageJson: options.skipPackageJson,
  });
  const { root } = location;
  tree.write(`${root}/${layout.datasetConfig}`, `${JSON.stringify(config, null, 2)}\n`);
  tree.write(`${root}/${layout.datasetLock}`, lockText(lock));
  if (withSql) tree.write(`${root}/${PREPARE_SQL}`, sql ?? prepareSql(source.name, columns));
  if (source.copyTo !== undefined) tree.write(`${root}/.gitignore`, '/data/\n');
  generateFiles(tree, join(__dirname, 'files/dataset'), root, readmeValues(location, source, config));
  if (options.skipFormat !== true) await formatFiles(tree);
  explain(location, table);
  warnOfTrackedData(tree, source, lock);
  return runTasksInSerial(initialized, () => copyData(source));
}

/** @throws MlopsError MLOPS_PREPARE_SQL when the file cannot be read */
async function readPrepareSql(
  tree: Tree,
  { prepareSql: file, splitColumn }: DatasetGeneratorSchema,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (splitColumn !== undefined) {
    throw new MlopsError(
      'MLOPS_SPLIT_OPTIONS',
      '--splitColumn looks at the data file, not at what the SQL makes of it; with --prepareSql give --trainWhere and --testWhere.',
    );
  }
  return readFile(resolve(tree.root, callersFolder(), file), 'utf8').catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_PREPARE_SQL',
      `--prepareSql=${file}: the file cannot be read. The path is relative to where you are.`,
      {},
      { cause: error },
    );
  });
}

async function locateDataset(tree: Tree, options: DatasetGeneratorSchema): Promise<ProjectLocation> {
  const { name } = options;
  if (!safeName.safeParse(name).success) {
    throw new MlopsError(
      'MLOPS_NAME',
      `"${name}" cannot name a dataset: use letters, digits, ".", "-" and "_", starting with a letter or a digit. A folder goes into --directory.`,
    );
  }
  const location = locateProject(options, callersFolder());
  const taken = [layout.datasetConfig, layout.modelConfig, 'project.json'].find((file) =>
    tree.exists(`${location.root}/${file}`),
  );
  if (taken !== undefined) {
    throw new MlopsError(
      'MLOPS_FOLDER_TAKEN',
      `is there already, so this folder is a project. Give another --directory for "${name}", or remove it first.`,
      { file: `${location.root}/${taken}` },
    );
  }
  const known = [
    ...(await findProjectsWith(tree, layout.datasetConfig)),
    ...(await findProjectsWith(tree, layout.modelConfig)),
  ];
  const namesake = known.find((project) => project.name === name)?.root ?? getProjects(tree).get(name)?.root;
  if (namesake !== undefined) {
    throw new MlopsError(
      'MLOPS_NAME_TAKEN',
      `There is a project "${name}" already, in ${namesake}. Choose another name.`,
    );
  }
  return location;
}

function proposeConfig(
  location: ProjectLocation,
  source: LocatedSource,
  { fields, types }: InferredTable,
  splits: ProposedSplits,
  withSql: boolean,
): DatasetConfig {
  return {
    $schema: `${offsetFromRoot(location.root)}node_modules/nx-mlops/schemas/dataset.schema.json`,
    ...(isNamedAfterFolder(location) ? {} : { name: location.name }),
    sources: {
      [source.name]: { path: source.path, ...(Object.keys(types).length === 0 ? {} : { types }) },
    },
    ...(withSql ? { prepare: { sql: PREPARE_SQL } } : {}),
    ...splits,
    schema: { fields: [...fields] },
  };
}

/** Of the files where they are now; a copy will have the same bytes. Nothing is written, not even the stat cache. */
async function lockOf(tree: Tree, { root }: ProjectLocation, source: LocatedSource): Promise<DatasetLock> {
  const statCache = await StatCache.load(join(tree.root, layout.statCache), tree.root);
  const files = [];
  for (const file of source.files) {
    const path =
      source.copyTo === undefined ? relative(join(tree.root, root), file).split(sep).join('/') : source.path;
    files.push({ path, ...(await statCache.digestOf(file)) });
  }
  return { version: 1, sources: { [source.name]: { files } } };
}

function readmeValues({ name }: ProjectLocation, source: LocatedSource, config: DatasetConfig): object {
  const key = config.splitBy?.key;
  return {
    name,
    sources: `\`${source.path}\``,
    splits: Object.keys(config.splits)
      .map((split) => `\`${split}\``)
      .join(' and '),
    byFraction: config.splitBy !== undefined,
    key: key === undefined ? 'the whole row' : key.map((column) => `\`${column}\``).join(' and '),
  };
}

/** Says what was found, and what was decided without asking. */
function explain({ name, root }: ProjectLocation, { rows, fields, types, unusable }: InferredTable): void {
  logger.info(`${name}: ${rows.toLocaleString('en-US')} rows, ${fields.length} columns.`);
  Object.keys(types).forEach((column) =>
    logger.info(`"${column}" is read as text for good, since some of its numbers begin with a zero.`),
  );
  unusable.forEach((column) =>
    logger.warn(
      `"${column.name}" is of type ${column.type} and left out; ${PREPARE_SQL} can take parts of it.`,
    ),
  );
  logger.info(`To change any of it, edit ${root}/${layout.datasetConfig}. Next: nx run ${name}:validate`);
}

/** Data of this size in git makes every clone slow, and the lock pins it anyway. Bytes. */
const LARGE = 10_000_000;

function warnOfTrackedData(tree: Tree, { files, copyTo }: LocatedSource, lock: DatasetLock): void {
  const size = Object.values(lock.sources)
    .flatMap((source) => source.files)
    .reduce((sum, file) => sum + file.size, 0);
  if (size < LARGE || copyTo !== undefined) return;
  // Exit code 1: git would take it. 0: it is ignored. 128: there is no git here.
  const { exitCode } = execa.sync('git', ['check-ignore', '-q', ...files.slice(0, 1)], {
    cwd: tree.root,
    reject: false,
  });
  if (exitCode !== 1) return;
  logger.warn(
    `Git would commit the data (${Math.round(size / 1e6)} MB). Unless that is meant, add it to .gitignore: dataset.lock.json pins its content.`,
  );
}

async function copyData({ files, copyTo }: LocatedSource): Promise<void> {
  const [file] = files;
  if (copyTo === undefined || file === undefined || file === copyTo) return;
  await mkdir(dirname(copyTo), { recursive: true });
  await copyFile(file, copyTo, constants.COPYFILE_FICLONE);
}
