import {
  canonicalJson,
  datasetManifestSchema,
  fileNameOfProject,
  sha256OfBytes,
  type DatasetManifest,
  type ObjectStore,
} from '@nx-mlops/core';
import { z } from 'zod';
import type { StageIo } from '../dataset-project';
import { waitForGc } from './gc-marker';
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
 * A push may be at work for so long after it was announced: no `gc` takes what its record names, or what it may just have
 * put, however little `--keep-days` says. A push that takes longer announces itself again and looks again.
 */
export const PUSH_LEASE_MS = 60 * 60 * 1000;

/**
 * Says what is about to be pushed, and waits until no `gc` is at work that may not have heard. Called before the bytes are
 * looked for and sent, also when the same was pushed before.
 *
 * A gc that was at work meanwhile may have taken an old record or lock of the same name for one that nobody needs, so this
 * goes on until both are still there when none is at work: every later gc sees them.
 */
export async function announcePush(
  objects: ObjectStore,
  dataset: string,
  lockText: string,
  manifest: DatasetManifest | undefined,
  io: StageIo,
): Promise<void> {
  const { signal } = io;
  const lock = sha256OfBytes(lockText);
  const record: PushRecord = {
    version: 1,
    dataset,
    lock,
    ...(manifest === undefined ? {} : { manifest }),
  };
  const splits = manifest === undefined ? 'none' : sha256OfBytes(canonicalJson(manifest)).slice(0, 16);
  const recordKey = `${remoteLayout.refs}${fileNameOfProject(dataset)}/${lock.slice(0, 16)}-${splits}.json`;
  const isThere = async (key: string) => (await objects.head(key, signal)) !== undefined;
  do {
    // The lock first, so that there is no record without one. It may be large, so it is not sent to be refused.
    if (!(await isThere(lockKey(lock)))) await objects.put(lockKey(lock), Buffer.from(lockText), { signal });
    // Also when it is there already: its time is what counts.
    await objects.put(recordKey, Buffer.from(canonicalJson(record)), { signal });
    await waitForGc(objects, io);
  } while (!(await isThere(lockKey(lock))) || !(await isThere(recordKey)));
}
