import { MlopsError, messageOf, type FileDigest } from '@nx-mlops/core';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store';
import { PartialFile } from './partial-file';
import { remoteCorrupt } from './remote-error';
import { blobKey } from './remote-layout';
import type { RemoteStore } from './remote-store';
import type { TransferProgress } from './transfer-progress';

/** Connections that break off one after the other without a byte between them. */
const FRUITLESS_ATTEMPTS = 5;

/**
 * Brings a big file into the store, going on where a former attempt stopped, of this process or of one that was killed.
 * Every byte is hashed before the file gets its name.
 *
 * @returns false when the remote does not hold it
 * @throws MlopsError MLOPS_REMOTE_CORRUPT, MLOPS_REMOTE_UNREACHABLE; what the object store throws
 */
export async function downloadBlob(
  remote: RemoteStore,
  digest: FileDigest,
  store: Store,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const part = await PartialFile.open(await store.incoming(), digest.sha256);
  try {
    if (part.size > digest.size) await part.clear();
    let trusted = !part.resumed;
    progress.add(part.size);
    for (;;) {
      if (!(await receive(remote, digest, part, progress, signal))) {
        if (part.size === 0) await part.remove();
        return false;
      }
      if ((await part.finish()) === digest.sha256) break;
      if (trusted) {
        await part.remove();
        const { objects } = remote;
        throw remoteCorrupt(
          objects.description,
          blobKey(digest.sha256),
          digest,
          'its bytes have another sha256',
        );
      }
      // What a killed process left may be damaged, not the remote.
      await part.clear();
      trusted = true;
    }
    // Windows moves no file that is open.
    await part.close();
    await store.adopt(part.path, digest);
    return true;
  } finally {
    await part.close();
  }
}

/** Appends what is missing. */
async function receive(
  { objects }: RemoteStore,
  digest: FileDigest,
  part: PartialFile,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const key = blobKey(digest.sha256);
  for (let fruitless = 0; part.size < digest.size;) {
    const range = part.size === 0 ? undefined : { start: part.size, end: digest.size - 1 };
    const found = await objects.get(key, { range, signal });
    if (found === undefined) return false;
    if (found.info.size !== digest.size) {
      found.body.destroy();
      const what = `it has ${found.info.size} bytes, ${digest.size} are expected`;
      throw remoteCorrupt(objects.description, key, digest, what);
    }
    const before = part.size;
    const failure = await appendAll(found.body, digest.size, part, progress, signal);
    fruitless = part.size > before ? 0 : fruitless + 1;
    if (fruitless >= FRUITLESS_ATTEMPTS) throw brokenOff(objects.description, key, failure);
    if (fruitless > 0) await sleep(100 * 2 ** fruitless, undefined, { signal });
  }
  return true;
}

/** @returns why the stream broke off, if it did */
async function appendAll(
  body: Readable,
  size: number,
  part: PartialFile,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal?.throwIfAborted();
      let next;
      try {
        next = await chunks.next();
      } catch (error) {
        signal?.throwIfAborted();
        return error;
      }
      if (next.done === true) return undefined;
      const bytes = (next.value as Uint8Array).subarray(0, size - part.size);
      await part.append(bytes);
      progress.add(bytes.length);
    }
  } finally {
    body.destroy();
  }
}

function brokenOff(store: string, key: string, failure: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_REMOTE_UNREACHABLE',
    `the connection breaks off again and again (${failure === undefined ? 'without an error' : messageOf(failure)}). What has arrived is kept; run the command again when the network is better.`,
    { file: `${store}/${key}` },
    { cause: failure },
  );
}
