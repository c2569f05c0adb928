import { datasetManifestSchema, layout, readManifest, type DatasetManifest } from '@nx-mlops/core';
import { join } from 'node:path';
import type { DatasetProject } from './dataset-project';

/** The manifest that `prepare` wrote last. */
export function readDatasetManifest(project: DatasetProject): Promise<DatasetManifest> {
  return readManifest(
    join(project.folder, layout.prepared, layout.datasetManifest),
    datasetManifestSchema,
    `nx run ${project.name}:prepare`,
  );
}
