import { MlopsError, type FileDigest } from '@nx-mlops/core';
import type { AddressReader, OpenReader, RemoteFile } from './address-reader';
import { download } from './download';
import type { LockedFile } from '../lock/dataset-lock';
import { mapConcurrently } from '../map-concurrently';
import { shownAddress } from './source-address';
import type { Store } from '../store';
import { startProgress } from '../lock/file-progress';

/** Questions to servers at once, and files fetched at once. */
const LOOKS_AT_ONCE = 8;
const DOWNLOADS_AT_ONCE = 4;

export interface RemoteOptions {
  readonly openReader: OpenReader;
  /** Where the bytes go. */
  readonly store: Store;
  /** Absolute; where unfinished downloads wait. */
  readonly downloads: string;
  readonly print?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A file as its server has it now, with the reader that fetches it. */
interface Looked {
  readonly reader: AddressReader;
  readonly now: RemoteFile;
}

/**
 * What the servers say of addresses now, without bytes: a folder of a bucket becomes its files.
 *
 * @param known files of the lock, by address
 * @throws MlopsError as `AddressReader`
 */
export async function lookAtAddresses(
  addresses: readonly string[],
  known: ReadonlyMap<string, LockedFile>,
  { openReader, signal }: Pick<RemoteOptions, 'openReader' | 'signal'>,
): Promise<Looked[]> {
  const listed = await mapConcurrently(addresses, LOOKS_AT_ONCE, async (address) => {
    const reader = await openReader(address);
    const files = await reader.list(address, signal);
    return Promise.all(
      files.map(async (file) => ({
        reader,
        now:
          file.etag === undefined
            ? await reader.look(file.address, known.get(file.address)?.etag, signal)
            : file,
      })),
    );
  });
  const byAddress = new Map(listed.flat().map((looked) => [looked.now.address, looked]));
  return [...byAddress.values()];
}

/** Whether a server still has the bytes that the lock pins, or that cannot be told without fetching them. */
export function compareWithLock(now: RemoteFile, locked: LockedFile): 'same' | 'changed' | 'unknown' {
  if (now.size !== undefined && now.size !== locked.size) return 'changed';
  if (now.etag === undefined || locked.etag === undefined) return 'unknown';
  return now.etag === locked.etag ? 'same' : 'changed';
}

/**
 * Digests of the files at addresses. What the server says has not changed is taken from the former lock; the rest is
 * fetched into the store.
 *
 * @throws MlopsError as `AddressReader` and `download`
 */
export async function lockAddresses(
  addresses: readonly string[],
  known: ReadonlyMap<string, LockedFile>,
  options: RemoteOptions,
): Promise<{ files: LockedFile[]; fetched: { files: number; bytes: number } }> {
  const looked = await lookAtAddresses(addresses, known, options);
  const locked = new Map<string, LockedFile>();
  const toFetch = looked.filter(({ now }) => {
    const before = known.get(now.address);
    if (before === undefined || compareWithLock(now, before) !== 'same') return true;
    locked.set(now.address, before);
    return false;
  });
  let arrived = 0;
  let done = 0;
  const endProgress = startProgress(
    options.print ?? (() => undefined),
    'fetched',
    () => ({ files: done, bytes: arrived }),
    { files: toFetch.length, bytes: toFetch.reduce((sum, { now }) => sum + (now.size ?? 0), 0) },
  );
  try {
    await mapConcurrently(toFetch, DOWNLOADS_AT_ONCE, async ({ reader, now: { address } }) => {
      const { digest, etag } = await fetchIntoStore(reader, address, options, (bytes) => {
        arrived += bytes;
      });
      done += 1;
      locked.set(address, { path: address, ...digest, ...(etag === undefined ? {} : { etag }) });
    });
  } finally {
    endProgress();
  }
  return {
    files: looked.map(({ now }) => locked.get(now.address) as LockedFile),
    fetched: { files: toFetch.length, bytes: arrived },
  };
}

/**
 * The bytes of a locked file at an address, as a file of this machine: from the store, else fetched and checked.
 *
 * @returns an absolute path, to be read only
 * @throws MlopsError MLOPS_SOURCE_CHANGED when the server has other bytes than the lock pins; as `AddressReader`
 */
export async function fetchLocked(locked: LockedFile, options: RemoteOptions): Promise<string> {
  const { path: address, sha256, size } = locked;
  const { store, signal, openReader, print } = options;
  if (await store.has({ sha256, size })) {
    try {
      return await store.verified({ sha256, size }, signal);
    } catch (error) {
      if (!(error instanceof MlopsError) || error.code !== 'MLOPS_STORE_CORRUPT') throw error;
    }
  }
  let arrived = 0;
  const endProgress = startProgress(
    print ?? (() => undefined),
    'fetched',
    () => ({ files: 0, bytes: arrived }),
    {
      files: 1,
      bytes: size,
    },
  );
  try {
    const { digest } = await fetchIntoStore(await openReader(address), address, options, (bytes) => {
      arrived += bytes;
    });
    if (digest.sha256 !== sha256) {
      throw new MlopsError(
        'MLOPS_SOURCE_CHANGED',
        `${shownAddress(address)} has sha256 ${digest.sha256} (${digest.size} bytes) now, the lock says ${sha256} (${size} bytes). If the new data is meant, run the "lock" target and commit the lock; if not, bring the locked file back, or fetch the store from where it still is.`,
      );
    }
    return store.pathOf(sha256);
  } finally {
    endProgress();
  }
}

async function fetchIntoStore(
  reader: AddressReader,
  address: string,
  { store, downloads, signal }: RemoteOptions,
  onBytes: (bytes: number) => void,
): Promise<{ digest: FileDigest; etag: string | undefined }> {
  const { file, etag } = await download(reader, address, { folder: downloads, onBytes, signal });
  return { digest: await store.addFile(file, { move: true, signal }), etag };
}
