import {
  canonicalJson,
  fileNameOfProject,
  layout,
  splitManifestFile,
  writeAtomically,
  type DatasetConfig,
  type DatasetManifest,
} from '@nx-mlops/core';
import { join } from 'node:path';
import { textTable } from '../../reporting/table';
import type { DatasetProject, StageIo } from '../dataset-project';
import { makeSplits, type PrepareMeans, type PrepareOptions } from './make-splits';
import { replaceFolder } from '../replace-folder';
import { openStore } from '../store';

/**
 * Prepares a dataset: its splits go into the store, their manifests into `.mlops/prepared`, which is replaced as a
 * whole. On failure the former manifests stay.
 *
 * @throws MlopsError as `makeSplits`
 */
export async function prepareDataset(
  project: DatasetProject,
  config: DatasetConfig,
  io: StageIo & PrepareMeans,
  options: PrepareOptions = {},
): Promise<DatasetManifest> {
  const { store, statCache } = await openStore(project.workspaceRoot);
  io.print(`Preparing ${Object.keys(config.splits).join(', ')} of ${project.name} …`);
  const manifest = await makeSplits(project, config, { ...io, store, options });
  await publish(project, manifest);
  await statCache.save();
  for (const line of summary(manifest)) io.print(line);
  return manifest;
}

function publish(project: DatasetProject, manifest: DatasetManifest): Promise<void> {
  return replaceFolder(join(project.folder, layout.prepared), async (folder) => {
    await writeAtomically(join(folder, layout.datasetManifest), canonicalJson(manifest));
    for (const split of Object.values(manifest.splits)) {
      const name = splitManifestFile(fileNameOfProject(project.name), split.split);
      await writeAtomically(join(folder, name), canonicalJson(split));
    }
  });
}

function summary(manifest: DatasetManifest): string[] {
  const splits = Object.values(manifest.splits);
  return textTable({
    header: ['split', 'rows', 'columns', 'bytes', 'sha256'],
    alignment: ['left', 'right', 'right', 'right', 'left'],
    rows: splits.map(({ split, rows, columns, file }) => [
      split,
      rows.toLocaleString('en-US'),
      String(columns.length),
      file.size.toLocaleString('en-US'),
      file.sha256.slice(0, 12),
    ]),
  });
}
