import { messageOf, MlopsError, type FileDigest } from '@nx-mlops/core';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from '../map-concurrently';
import type { Store } from '../store';
import { downloadBlob } from './download-blob';
import type { PackLocation } from './pack-catalogue';
import { planRuns, type PackRun } from './pack-index';
import { remoteCorrupt } from './remote-error';
import { packKey } from './remote-layout';
import { distinct, isSmall, type RemoteStore } from './remote-store';
import type { TransferProgress } from './transfer-progress';
import type { Transferred } from './upload-files';

/** With the longest run of a pack this bounds the memory. */
const RUNS_AT_ONCE = 4;
const BLOBS_AT_ONCE = 4;
const WRITES_AT_ONCE = 8;
const CHECKS_AT_ONCE = 8;
const ATTEMPTS = 4;

export interface Downloaded extends Transferred {
  /** What the remote does not hold. */
  readonly missing: readonly FileDigest[];
}

/**
 * Brings files into the local store that it does not hold whole. Each byte is checked against the digest before its
 * file gets its name; what has arrived before a failure stays.
 *
 * @throws MlopsError MLOPS_REMOTE_CORRUPT that names the object; what the object store throws
 */
export async function downloadFiles(
  remote: RemoteStore,
  wanted: readonly FileDigest[],
  store: Store,
  { begin, signal }: { readonly begin: (bytes: number) => TransferProgress; readonly signal?: AbortSignal },
): Promise<Downloaded> {
  const unique = distinct(wanted, (digest) => digest);
  const whole = await mapConcurrently(unique, CHECKS_AT_ONCE, (digest) => store.isWhole(digest, signal));
  const absent = unique.filter((_, index) => whole[index] !== true);
  const progress = begin(absent.reduce((sum, { size }) => sum + size, 0));
  const missing: FileDigest[] = [];
  await mapConcurrently(
    absent.filter((digest) => !isSmall(digest)),
    BLOBS_AT_ONCE,
    async (digest) => {
      if (!(await downloadBlob(remote, digest, store, progress, signal))) missing.push(digest);
    },
  );
  const small = absent.filter(isSmall);
  missing.push(...(await downloadSmall(remote, small, store, progress, signal)));
  const gone = new Set(missing);
  const done = absent.filter((digest) => !gone.has(digest));
  return {
    files: done.length,
    bytes: done.reduce((sum, { size }) => sum + size, 0),
    skipped: unique.length - absent.length,
    missing,
  };
}

async function downloadSmall(
  remote: RemoteStore,
  digests: readonly FileDigest[],
  store: Store,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<FileDigest[]> {
  let rest = digests.filter(({ size }) => size > 0);
  for (const empty of digests.filter(({ size }) => size === 0)) await store.addBytes(new Uint8Array(), empty);
  // A gc may put the files of a pack into another one meanwhile, so what is gone is looked for once more.
  for (let attempt = 0; attempt < 2 && rest.length > 0; attempt++) {
    const located = await remote.catalogue.locate(rest, signal);
    const gonePacks = new Set<string>();
    await mapConcurrently(runsByPack([...located.values()]), RUNS_AT_ONCE, async ({ pack, run }) => {
      if (!(await downloadRun(remote, pack, run, store, progress, signal))) gonePacks.add(pack);
    });
    for (const pack of gonePacks) await remote.catalogue.forget(pack);
    rest = rest.filter(({ sha256 }) => {
      const location = located.get(sha256);
      return location === undefined || gonePacks.has(location.pack);
    });
    if (gonePacks.size === 0) break;
  }
  return rest;
}

function runsByPack(locations: readonly PackLocation[]): { pack: string; run: PackRun }[] {
  const packs = new Map<string, PackLocation[]>();
  for (const location of locations) {
    const files = packs.get(location.pack) ?? [];
    packs.set(location.pack, files);
    files.push(location);
  }
  return [...packs].flatMap(([pack, files]) => planRuns(files).map((run) => ({ pack, run })));
}

/** @returns false when the pack is gone */
async function downloadRun(
  remote: RemoteStore,
  pack: string,
  run: PackRun,
  store: Store,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const bytes = await fetchRange(remote, packKey(pack), run, signal);
  if (bytes === undefined) return false;
  await mapConcurrently(run.files, WRITES_AT_ONCE, async ({ digest, offset }) => {
    const start = offset - run.start;
    const content = bytes.subarray(start, start + digest.size);
    if (await store.addBytes(content, digest)) return;
    const what =
      content.length < digest.size
        ? 'it is cut short'
        : `bytes ${offset} to ${offset + digest.size - 1} have another sha256`;
    throw remoteCorrupt(remote.objects.description, packKey(pack), digest, what);
  });
  progress.add(run.files.reduce((sum, { digest }) => sum + digest.size, 0));
  return true;
}

async function fetchRange(
  { objects }: RemoteStore,
  key: string,
  { start, end }: PackRun,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await objects.get(key, { range: { start, end: end - 1 }, signal });
    if (found === undefined) return undefined;
    try {
      return await buffer(found.body);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt < ATTEMPTS) {
        await sleep(100 * 2 ** attempt, undefined, { signal });
        continue;
      }
      throw new MlopsError(
        'MLOPS_REMOTE_UNREACHABLE',
        `the connection breaks off again and again (${messageOf(error)}). What has arrived is kept; run the command again when the network is better.`,
        { file: `${objects.description}/${key}` },
        { cause: error },
      );
    }
  }
}
