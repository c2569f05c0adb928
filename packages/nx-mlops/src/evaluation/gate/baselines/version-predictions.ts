import { readFile } from 'node:fs/promises';
import {
  MlopsError,
  type FileDigest,
  type FloatArray,
  type Predictions,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { predictionFileName } from '../../prediction-file-name';
import { parseNpy } from '../../npy';

/**
 * The scores that a version's evaluation kept, checked against the digests of the registry and of the evaluation.
 *
 * @returns `[rows]` or row-major `[rows, classes]`; undefined where the version does not hold them
 * @throws MlopsError MLOPS_REGISTRY_BLOB_MISSING, MLOPS_REGISTRY_BLOB_CORRUPT, MLOPS_REGISTRY_TAMPERED, MLOPS_NPY
 */
export async function readVersionScores(
  registry: Registry,
  version: VersionRecord,
  { scores }: Predictions,
): Promise<FloatArray | undefined> {
  return scores === undefined ? undefined : readFloats(registry, version, scores);
}

/** The same for the metrics that an evaluation script wrote for each row. */
export async function readVersionRowMetrics(
  registry: Registry,
  version: VersionRecord,
  { rowMetrics = {} }: Predictions,
): Promise<ReadonlyMap<string, Float64Array>> {
  const read = new Map<string, Float64Array>();
  for (const [metric, entry] of Object.entries(rowMetrics)) {
    const values = await readFloats(registry, version, entry);
    if (values instanceof Float64Array) read.set(metric, values);
  }
  return read;
}

async function readFloats(
  registry: Registry,
  version: VersionRecord,
  { file, sha256, size }: FileDigest & { readonly file: string },
): Promise<FloatArray | undefined> {
  const name = predictionFileName(file);
  const stored = Object.hasOwn(version.files, name) ? version.files[name] : undefined;
  if (stored === undefined) return undefined;
  if (stored.sha256 !== sha256 || stored.size !== size) {
    throw new MlopsError(
      'MLOPS_REGISTRY_TAMPERED',
      `${name} of version ${version.version} of "${version.model}" is not the file that its evaluation tells of. Restore the version from a backup of the registry.`,
      { file: registry.description },
    );
  }
  const path = await registry.fetchFile(version, name);
  const { data } = parseNpy(await readFile(path), path);
  return data instanceof Float32Array || data instanceof Float64Array ? data : undefined;
}
