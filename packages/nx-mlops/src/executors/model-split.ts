import type { ExecutorContext } from '@nx/devkit';
import {
  MlopsError,
  fileNameOfProject,
  layout,
  parseDatasetReference,
  readManifest,
  splitManifestFile,
  splitManifestSchema,
  suggestion,
} from '@nx-mlops/core';
import { join } from 'node:path';
import { ensureSplitFile } from '../data/ensure-split-file';
import type { LocalSplit } from '../data/local-split';
import type { PrepareMeans } from '../data/prepare/make-splits';
import { projectNamed, readDatasetConfig } from './project';
import type { StageEnvironment } from './run-stage';

/**
 * A split of a dataset with its bytes on this machine, fetched or prepared again where they are missing.
 *
 * @param reference such as `flights:train`
 * @throws MlopsError MLOPS_UNKNOWN_PROJECT, MLOPS_UNKNOWN_SPLIT that name the nearest one; MLOPS_MANIFEST_MISSING when
 *   the dataset was not prepared
 */
export async function openSplit(
  context: ExecutorContext,
  reference: string,
  environment: StageEnvironment,
): Promise<LocalSplit> {
  const { dataset: name, split } = parseDatasetReference(reference);
  const dataset = projectNamed(context, name);
  const config = await readDatasetConfig(dataset);
  if (!Object.hasOwn(config.splits, split)) {
    throw new MlopsError(
      'MLOPS_UNKNOWN_SPLIT',
      `The dataset "${name}" has no split "${split}".${suggestion(split, Object.keys(config.splits))}`,
      { file: `${dataset.root}/${layout.datasetConfig}`, path: 'splits' },
    );
  }
  const manifest = await readManifest(
    join(dataset.folder, layout.prepared, splitManifestFile(fileNameOfProject(name), split)),
    splitManifestSchema,
    `nx run ${name}:prepare`,
  );
  const { workspaceRoot } = dataset;
  const path = await ensureSplitFile({
    workspaceRoot,
    dataset,
    config,
    manifest,
    ...preparing(context, environment),
  });
  return { manifest, path };
}

/** What a stage that may have to prepare a dataset needs: its sources may be splits of other datasets. */
export function preparing(
  context: ExecutorContext,
  environment: StageEnvironment,
): StageEnvironment & PrepareMeans {
  return {
    ...environment,
    env: process.env,
    openSplit: (reference) => openSplit(context, reference, environment),
  };
}
