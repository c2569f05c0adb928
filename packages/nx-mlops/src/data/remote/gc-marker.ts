import { canonicalJson, MlopsError, type ObjectStore } from '@nx-mlops/core';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StageIo } from '../dataset-project';
import { remoteLayout } from './remote-layout';

/** A `gc` that is at work for longer has died; it stops deleting by itself before. */
export const GC_LEASE_MS = 60 * 60 * 1000;
const LOOK_EVERY_MS = 1000;

/**
 * Waits until no `gc` is at work on the remote. Called after the push was recorded: then either the gc sees the record,
 * or the push sees the gc and looks for its files when that is over.
 */
export async function waitForGc(
  objects: ObjectStore,
  { print, signal }: StageIo,
  now: () => number = Date.now,
): Promise<void> {
  for (let told = false; ; told = true) {
    const marker = await objects.head(remoteLayout.gcMarker, signal);
    if (marker === undefined || now() - marker.modified > GC_LEASE_MS) return;
    if (!told) print(`A gc is at work on ${objects.description}; waiting until it is done …`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/**
 * Runs `work` as the only `gc` on the remote.
 *
 * @throws MlopsError MLOPS_GC_RUNNING
 */
export async function asOnlyGc<T>(
  objects: ObjectStore,
  work: (assertInTime: () => void) => Promise<T>,
  now: () => number = Date.now,
): Promise<T> {
  const begun = now();
  const marker = Buffer.from(
    canonicalJson({ host: hostname(), pid: process.pid, at: new Date(begun).toISOString() }),
  );
  const key = remoteLayout.gcMarker;
  let etag = await objects.put(key, marker, { ifAbsent: true });
  if (etag === undefined) {
    const other = await objects.head(key);
    if (other !== undefined && begun - other.modified > GC_LEASE_MS) {
      etag = await objects.put(key, marker, { ifMatch: other.etag });
    }
  }
  if (etag === undefined) {
    throw new MlopsError(
      'MLOPS_GC_RUNNING',
      `another gc is at work there. Run it again when that is over; if it was killed, an hour after it began (or delete this object).`,
      { file: `${objects.description}/${key}` },
    );
  }
  try {
    return await work(() => {
      // Half of the lease, so that a clock that is off by minutes does no harm.
      if (now() - begun < GC_LEASE_MS / 2) return;
      throw new MlopsError(
        'MLOPS_GC_TOO_LONG',
        'took more than half an hour, so it stopped before another one could begin. What was removed is removed; run it again for the rest.',
        { file: objects.description },
      );
    });
  } finally {
    if ((await objects.head(key))?.etag === etag) await objects.delete([key]);
  }
}
