import {
  addDependenciesToPackageJson,
  formatFiles,
  logger,
  readJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import type { PackageDependencies } from '../../graph/source-analysis';
import { addLine } from './add-line';
import { pluginName, registerPlugin } from './register-plugin';
import type { InitGeneratorSchema } from './schema';

/** Nx reads imports with it. The line that we test with. */
const typescriptVersion = '~5.9.3';

const npmrcLine = 'onnxruntime-node-install=skip';

/**
 * Sets a workspace up: the plugin in nx.json, `mlops.json` with staging and production, what git and npm should know.
 * A second run changes nothing, and what the user wrote stays, comments too.
 *
 * @returns installs what package.json gained
 */
export default async function initGenerator(
  tree: Tree,
  options: InitGeneratorSchema = {},
): Promise<GeneratorCallback> {
  addPlugin(tree);
  addEnvironments(tree);
  change(tree, '.gitignore', (text) =>
    addLine(text, '.mlops/', ['.mlops', '/.mlops/', '**/.mlops/', '**/.mlops']),
  );
  // A lock is one line a file, which Prettier would make five of.
  if (tree.exists('.prettierignore')) {
    change(tree, '.prettierignore', (text) =>
      addLine(text, layout.datasetLock, [`**/${layout.datasetLock}`, `/**/${layout.datasetLock}`]),
    );
  }
  // Its install script fetches CUDA files even where there is no GPU, and fails where it cannot reach them.
  change(tree, '.npmrc', (text) => addLine(text, npmrcLine, spellings(text, 'onnxruntime-node-install')));

  const installed = options.skipPackageJson === true ? () => {} : addTypescript(tree, options);
  if (options.skipFormat !== true) await formatFiles(tree);
  return installed;
}

function addPlugin(tree: Tree): void {
  if (!tree.exists('nx.json')) logger.warn('There was no nx.json; one with our plugin is written.');
  change(tree, 'nx.json', (text) => registerPlugin(text ?? '{}\n', rootPackage(tree)));
}

function addEnvironments(tree: Tree): void {
  if (tree.exists(layout.mlopsConfig)) return;
  const config = {
    $schema: `./node_modules/${pluginName}/schemas/mlops.schema.json`,
    environments: [{ name: 'staging' }, { name: 'production' }],
  };
  tree.write(layout.mlopsConfig, `${JSON.stringify(config, null, 2)}\n`);
}

function addTypescript(tree: Tree, { keepExistingVersions = true }: InitGeneratorSchema): GeneratorCallback {
  const { dependencies = {}, devDependencies = {} } = rootPackage(tree) ?? {};
  const isThere = 'typescript' in dependencies || 'typescript' in devDependencies;
  if (isThere && keepExistingVersions) return () => {};
  return addDependenciesToPackageJson(
    tree,
    {},
    { typescript: typescriptVersion },
    'package.json',
    keepExistingVersions,
  );
}

function rootPackage(tree: Tree): PackageDependencies | undefined {
  return tree.exists('package.json') ? readJson<PackageDependencies>(tree, 'package.json') : undefined;
}

/** Lines of an ini file that already give this key a value, whatever the value. */
function spellings(text: string | undefined, key: string): string[] {
  return (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.split('=')[0]?.trim() === key);
}

/** Writes only what differs, so that a second run lists no change. */
function change(tree: Tree, file: string, edit: (text: string | undefined) => string): void {
  const before = tree.exists(file) ? (tree.read(file, 'utf-8') ?? '') : undefined;
  const after = edit(before);
  if (after !== before) tree.write(file, after);
}
