import { MlopsError, type DatasetConfig, type SplitManifest } from '@nx-mlops/core';
import { isDeepStrictEqual } from 'node:util';
import type { DatasetProject, StageIo } from './dataset-project';
import { makeSplits, type PrepareMeans, type PrepareOptions } from './prepare/make-splits';
import { fetchSplit } from './remote/fetch-split';
import { openStore } from './store';

export interface EnsureSplitFileOptions extends StageIo, PrepareMeans {
  readonly workspaceRoot: string;
  readonly dataset: Omit<DatasetProject, 'workspaceRoot'>;
  /** Of the dataset: how to prepare it where the bytes are missing. */
  readonly config: DatasetConfig;
  /** The split that is wanted. */
  readonly manifest: SplitManifest;
  readonly options?: PrepareOptions;
}

/**
 * The local Parquet file of a split, checked against its manifest. Where the store lacks the bytes or holds damaged
 * ones, as on a machine that got the manifest from the cache, they are fetched from the remote; where there is none, or
 * it does not hold them, the dataset is prepared again. Its own manifests are left alone.
 *
 * @returns an absolute path, to be read only
 * @throws MlopsError MLOPS_PREPARE_NOT_REPRODUCED when preparing gives other bytes than the manifest says; what
 *   `makeSplits` throws
 */
export async function ensureSplitFile({
  workspaceRoot,
  dataset,
  config,
  manifest,
  options,
  ...io
}: EnsureSplitFileOptions): Promise<string> {
  const { store, statCache } = await openStore(workspaceRoot);
  try {
    return await store.verified(manifest.file, io.signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const damaged = error.code === 'MLOPS_STORE_CORRUPT';
    const why = `The bytes of ${dataset.name}:${manifest.split} ${damaged ? 'in the store are damaged' : 'are not in the store'}`;
    if (await fetchSplit(workspaceRoot, manifest, store, io)) {
      return await store.verified(manifest.file, io.signal);
    }
    io.print(`${why}; preparing ${dataset.name} again …`);
    const made = await makeSplits({ ...dataset, workspaceRoot }, config, {
      ...io,
      store,
      options,
    });
    const again = made.splits[manifest.split];
    if (again === undefined || !isDeepStrictEqual(again.file, manifest.file)) {
      throw notReproduced(dataset.name, manifest, again);
    }
    return await store.verified(manifest.file, io.signal);
  } finally {
    await statCache.save();
  }
}

function isMissing(error: unknown): error is MlopsError {
  return (
    error instanceof MlopsError &&
    (error.code === 'MLOPS_STORE_MISSING' || error.code === 'MLOPS_STORE_CORRUPT')
  );
}

function notReproduced(
  dataset: string,
  manifest: SplitManifest,
  again: SplitManifest | undefined,
): MlopsError {
  const got =
    again === undefined
      ? 'the config has no such split any more'
      : `it gave ${again.rows} rows with sha256 ${again.file.sha256}, the manifest says ${manifest.rows} rows with ${manifest.file.sha256}`;
  return new MlopsError(
    'MLOPS_PREPARE_NOT_REPRODUCED',
    `Preparing ${dataset} again did not give the bytes of ${dataset}:${manifest.split}: ${got}. Either the prepare SQL gives other rows each time (random(), now(), an order that is not stated: add ORDER BY), or another version of DuckDB wrote the manifest. Run nx run ${dataset}:prepare --skip-nx-cache to take the new bytes; models trained on the old ones are then trained again.`,
  );
}
