import { layout, profileFile, profileSchema, readManifest, validationSchema } from '@nx-mlops/core';
import { join } from 'node:path';
import type { DatasetReport, ReportedProject } from './model-report';

/** The validation of a dataset and what is missing in the splits that a model reads. */
export async function readDatasetReport(
  workspaceRoot: string,
  dataset: ReportedProject,
  splits: readonly string[],
): Promise<DatasetReport> {
  const madeBy = `nx run ${dataset.name}:${dataset.targets['validate'] ?? 'validate'}`;
  const read = (folder: string) =>
    readManifest(
      join(workspaceRoot, dataset.root, folder, layout.validationFile),
      validationSchema,
      madeBy,
    ).catch(() => undefined);
  // A failed one lies beside the last good one until all is well again.
  const failed = await read(layout.validationFailed);
  const validation = failed ?? (await read(layout.validation));
  const folder = join(
    workspaceRoot,
    dataset.root,
    failed === undefined ? layout.validation : layout.validationFailed,
  );
  const profiles = await Promise.all(
    splits.map((split) =>
      readManifest(join(folder, profileFile(split)), profileSchema, madeBy).catch(() => undefined),
    ),
  );
  const missing = profiles.flatMap((profile) =>
    (profile?.columns ?? [])
      .filter(({ missing, rows }) => missing > 0 && rows > 0)
      .map(({ name, missing, rows }) => ({
        split: profile?.split ?? '',
        column: name,
        share: missing / rows,
      })),
  );
  return {
    name: dataset.name,
    ...(validation === undefined ? {} : { validation }),
    missing: missing.sort((a, b) => b.share - a.share),
  };
}
