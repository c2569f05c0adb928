import {
  canonicalJson,
  datasetManifestSchema,
  fileNameOfProject,
  sha256OfBytes,
  type DatasetManifest,
  type ObjectStore,
} from '@nx-mlops/core';
import { z } from 'zod';
import { lockKey, remoteLayout } from './remote-layout';

/** `refs/<dataset>/<lock>-<manifest>.json`: what was pushed. When, the store itself knows. */
export const pushRecordSchema = z.object({
  version: z.literal(1),
  /** Nx project. */
  dataset: z.string(),
  /** sha256 of the lock, which lies in `locks/`. */
  lock: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the splits, where they were pushed. */
  manifest: datasetManifestSchema.optional(),
});
export type PushRecord = z.infer<typeof pushRecordSchema>;

/**
 * Says what is about to be pushed. Written before the bytes are looked for and sent, also when it is there already: a
 * `gc` takes nothing that a record of the last day names.
 */
export async function recordPush(
  objects: ObjectStore,
  dataset: string,
  lockText: string,
  manifest: DatasetManifest | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const lock = sha256OfBytes(lockText);
  await objects.put(lockKey(lock), Buffer.from(lockText), { ifAbsent: true, signal });
  const record: PushRecord = {
    version: 1,
    dataset,
    lock,
    ...(manifest === undefined ? {} : { manifest }),
  };
  const splits = manifest === undefined ? 'none' : sha256OfBytes(canonicalJson(manifest)).slice(0, 16);
  const key = `${remoteLayout.refs}${fileNameOfProject(dataset)}/${lock.slice(0, 16)}-${splits}.json`;
  await objects.put(key, Buffer.from(canonicalJson(record)), { signal });
}
