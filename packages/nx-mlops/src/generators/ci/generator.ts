import { formatFiles, logger, parseJson, type NxJsonConfiguration, type Tree } from '@nx/devkit';
import { layout, mlopsConfigSchema, parseConfig, type CiConfig, type MlopsConfig } from '@nx-mlops/core';
import initGenerator from '../init/generator';
import { setJsonValue } from '../init/edit-json';
import { withCiSection } from './lib/ci-section';
import { filesOf, jenkinsfileOf, pipelineFiles } from './lib/pipeline-files';
import { askedClasses, readFacts } from './lib/read-facts';
import { warningsOf } from './lib/warnings';
import type { CiGeneratorSchema } from './schema';

/** As nx.json lists it. */
const syncGenerator = 'nx-mlops:ci-sync';

/**
 * Writes the pipeline of the workspace. What it follows from stands in mlops.json afterwards, so that a second call, and
 * nx sync, come to the same; only what differs is written.
 *
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID; MLOPS_CI_EDITED, MLOPS_CI_FILE_TAKEN
 */
export default async function ciGenerator(tree: Tree, options: CiGeneratorSchema): Promise<void> {
  if (!tree.exists(layout.mlopsConfig)) {
    await initGenerator(tree, { skipFormat: true, skipPackageJson: true });
  }
  change(tree, layout.mlopsConfig, (text) => withCiSection(text, options));
  const mlops = parseConfig(
    tree.read(layout.mlopsConfig, 'utf-8') ?? '',
    mlopsConfigSchema,
    layout.mlopsConfig,
  );
  const ci = mlops.ci as CiConfig;
  change(tree, 'nx.json', withSyncGenerator);
  await writePipelines(tree, mlops, ci, options.overwrite === true);

  const { nxCloud } = await readFacts(tree, mlops, ci);
  warningsOf(mlops, ci, await askedClasses(tree), tree.root, nxCloud).forEach((line) => logger.warn(line));
  if (ci.providers.includes('jenkins') && jenkinsfileOf(tree) === pipelineFiles.jenkinsBeside) {
    logger.info(
      `The workspace has a Jenkinsfile of its own, so ours is ${pipelineFiles.jenkinsBeside}: make a multibranch pipeline with that name as its "Script Path".`,
    );
  }
  if (options.skipFormat !== true) await formatFiles(tree);
}

/** A pipeline file that was written. */
export interface WrittenFile {
  readonly path: string;
  /** Undefined for a new one. */
  readonly before?: string;
}

/** Writes the files of every provider of mlops.json, where they differ. */
export async function writePipelines(
  tree: Tree,
  mlops: MlopsConfig,
  ci: CiConfig,
  overwrite: boolean,
): Promise<WrittenFile[]> {
  const facts = await readFacts(tree, mlops, ci);
  // All of them first, so that one that is refused leaves none half done.
  const files = ci.providers.flatMap((provider) => filesOf(tree, provider, facts, overwrite));
  return files.flatMap(({ path, text }) => {
    const before = tree.exists(path) ? (tree.read(path, 'utf-8') ?? '') : undefined;
    if (before === text) return [];
    tree.write(path, text);
    return [{ path, ...(before === undefined ? {} : { before }) }];
  });
}

function withSyncGenerator(text: string): string {
  const { sync } = parseJson<NxJsonConfiguration>(text, { allowTrailingComma: true });
  const present = sync?.globalGenerators ?? [];
  if (present.includes(syncGenerator)) return text;
  return sync?.globalGenerators === undefined
    ? setJsonValue(text, ['sync', 'globalGenerators'], [syncGenerator])
    : setJsonValue(text, ['sync', 'globalGenerators', present.length], syncGenerator);
}

/** Writes only what differs, so that a second run lists no change. */
function change(tree: Tree, file: string, edit: (text: string) => string): void {
  const before = tree.exists(file) ? (tree.read(file, 'utf-8') ?? '') : '{}\n';
  const after = edit(before);
  if (after !== before) tree.write(file, after);
}
