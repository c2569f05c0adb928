import { sha256OfBytes, type ObjectInfo, type ObjectStore } from '@nx-mlops/core';
import { buffer } from 'node:stream/consumers';
import { asOnlyGc } from '../remote/gc-marker';
import { packedFiles, planPacks, type PackedFile, type PackIndex } from '../remote/pack-index';
import { PUSH_LEASE_MS, pushRecordSchema } from '../remote/push-record';
import { remoteCorrupt } from '../remote/remote-error';
import { lockKey, packIndexKey, packKey, remoteLayout } from '../remote/remote-layout';
import type { RemoteStore } from '../remote/remote-store';
import { addDigests, type Live } from './live-digests';
import type { Removal } from './plan';

/** A pack of which less is live is put together anew. */
const LIVE_SHARE = 0.5;

interface Count {
  what: string;
  files: number;
  bytes: number;
}

/**
 * Removes from the remote what nothing live names and what is older than `before`. Splits live as long as the lock that
 * they were pushed with is on a branch. What was pushed, or pushed again, after `before` lives whatever the branches say.
 *
 * @param before ms since the epoch, by the clock of the remote
 * @throws MlopsError MLOPS_GC_RUNNING, MLOPS_GC_TOO_LONG; what the object store throws
 */
export async function collectRemote(
  remote: RemoteStore,
  live: Live,
  before: number,
  dryRun: boolean,
  now: () => number = Date.now,
): Promise<Removal[]> {
  const limits = { before, lease: now() - PUSH_LEASE_MS };
  if (dryRun) return collect(remote, live, limits, true, () => undefined);
  return asOnlyGc(remote.objects, (assertInTime) => collect(remote, live, limits, false, assertInTime), now);
}

/** ms since the epoch, by the clock of the remote. */
interface Limits {
  /** What is older may go. */
  readonly before: number;
  /** A push that announced itself later may be at work. */
  readonly lease: number;
}

async function collect(
  remote: RemoteStore,
  live: Live,
  limits: Limits,
  dryRun: boolean,
  assertInTime: () => void,
): Promise<Removal[]> {
  const { objects } = remote;
  const { before } = limits;
  const digests = new Set(live.digests);
  const records = await readRecords(objects, live.locks, limits, digests);
  const remove = async (keys: readonly string[]) => {
    assertInTime();
    if (!dryRun && keys.length > 0) await objects.delete(keys);
  };
  const blobs = await removeWhere(
    objects,
    'remote: files',
    remoteLayout.blobs,
    remove,
    ({ key, modified }) => {
      return modified < before && !digests.has(key.split('/').at(-1) ?? '');
    },
  );
  const packs = await collectPacks(remote, digests, { before, pushing: records.pushing }, dryRun, remove);
  // The records go last: were they gone first, a gc that was stopped could not say any more what lived.
  const locks = await removeWhere(
    objects,
    'remote: locks',
    remoteLayout.locks,
    remove,
    ({ key, modified }) => {
      return (
        modified < before &&
        !records.liveLocks.has(key.slice(remoteLayout.locks.length).replace(/\.json$/, ''))
      );
    },
  );
  await remove(records.dead.map(({ key }) => key));
  const refs = { what: 'remote: records of pushes', ...sum(records.dead) };
  return [blobs, ...packs, locks, refs];
}

interface Records {
  readonly dead: readonly ObjectInfo[];
  readonly liveLocks: ReadonlySet<string>;
  /** Whether a push may be at work that began before this gc. One that began later waits. */
  readonly pushing: boolean;
}

/** Adds to `digests` what live records name. */
async function readRecords(
  objects: ObjectStore,
  locksOnBranches: ReadonlySet<string>,
  { before, lease }: Limits,
  digests: Set<string>,
): Promise<Records> {
  const dead: ObjectInfo[] = [];
  const liveLocks = new Set<string>();
  let pushing = false;
  for await (const info of objects.list(remoteLayout.refs)) {
    const ofPush = info.modified >= lease;
    pushing ||= ofPush;
    const text = await readText(objects, info.key);
    if (text === undefined) continue;
    const record = parseRecord(text);
    // What cannot be read may be of a newer version of nx-mlops: all that it names lives.
    if (record !== undefined && !ofPush && info.modified < before && !locksOnBranches.has(record.lock)) {
      dead.push(info);
      continue;
    }
    addDigests(digests, text);
    if (record === undefined) continue;
    liveLocks.add(record.lock);
    addDigests(digests, (await readText(objects, lockKey(record.lock))) ?? '');
  }
  return { dead, liveLocks, pushing };
}

function parseRecord(text: string) {
  try {
    return pushRecordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function removeWhere(
  objects: ObjectStore,
  what: string,
  prefix: string,
  remove: (keys: readonly string[]) => Promise<void>,
  isDead: (info: ObjectInfo) => boolean,
): Promise<Count> {
  const dead: ObjectInfo[] = [];
  for await (const info of objects.list(prefix)) if (isDead(info)) dead.push(info);
  await remove(dead.map(({ key }) => key));
  return { what, ...sum(dead) };
}

async function collectPacks(
  remote: RemoteStore,
  digests: ReadonlySet<string>,
  { before, pushing }: { readonly before: number; readonly pushing: boolean },
  dryRun: boolean,
  remove: (keys: readonly string[]) => Promise<void>,
): Promise<Count[]> {
  const { objects, catalogue } = remote;
  const removed: Count = { what: 'remote: packs', files: 0, bytes: 0 };
  const repacked: Count = {
    what: 'remote: files out of packs that are put together anew',
    files: 0,
    bytes: 0,
  };
  const packs = new Map<string, ObjectInfo>();
  for await (const info of objects.list(remoteLayout.packs)) {
    const name = /^packs\/([0-9a-f]{64})\.pack$/.exec(info.key)?.[1];
    if (name !== undefined) packs.set(name, info);
  }
  await catalogue.refresh();
  const removePacks = async (names: readonly string[]) => {
    // The indexes first: one without its pack would tell a push that the files are there.
    await remove(names.map(packIndexKey));
    await remove(names.map(packKey));
    if (!dryRun) for (const name of names) await catalogue.forget(name);
  };
  const sparse: { pack: string; files: PackedFile[] }[] = [];
  for await (const { pack, index } of catalogue.indexes()) {
    const info = packs.get(pack);
    packs.delete(pack);
    if (info === undefined || info.modified >= before) continue;
    const files = [...packedFiles(index)].filter(({ digest }) => digests.has(digest.sha256));
    const liveBytes = bytesOf(files);
    if (files.length === 0) {
      await removePacks([pack]);
      removed.files++;
      removed.bytes += index.size;
    } else if (liveBytes < index.size * LIVE_SHARE) {
      sparse.push({ pack, files });
      repacked.files += index.files.length - files.length;
      repacked.bytes += index.size - liveBytes;
    }
  }
  // Packs whose index never came, since their push was stopped in between. One that is at work may be about to put it.
  const orphans = pushing ? [] : [...packs.values()].filter(({ modified }) => modified < before);
  await remove(orphans.map(({ key }) => key));
  removed.files += orphans.length;
  removed.bytes += sum(orphans).bytes;
  if (!dryRun) await repack(remote, sparse, removePacks);
  return [removed, repacked];
}

/** Puts the live files of sparse packs into new ones, and removes the old ones when the new are there. */
async function repack(
  { objects, catalogue }: RemoteStore,
  sparse: readonly { readonly pack: string; readonly files: readonly PackedFile[] }[],
  removePacks: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  const items = sparse.flatMap(({ pack, files }) => files.map((file) => ({ ...file, pack })));
  for (const group of planPacks(items)) {
    const contents: Buffer[] = [];
    for (const { pack, offset, digest } of group)
      contents.push(await readPacked(objects, pack, { offset, digest }));
    const bytes = Buffer.concat(contents);
    const name = sha256OfBytes(bytes);
    const index: PackIndex = {
      version: 1,
      size: bytes.length,
      files: group.map(({ digest }) => [digest.sha256, digest.size]),
    };
    await objects.put(packKey(name), bytes);
    await objects.put(packIndexKey(name), Buffer.from(JSON.stringify(index)));
    await catalogue.remember(name, index);
  }
  await removePacks(sparse.map(({ pack }) => pack));
}

async function readPacked(
  objects: ObjectStore,
  pack: string,
  { offset, digest }: PackedFile,
): Promise<Buffer> {
  if (digest.size === 0) return Buffer.alloc(0);
  const key = packKey(pack);
  const found = await objects.get(key, { range: { start: offset, end: offset + digest.size - 1 } });
  const bytes = found === undefined ? Buffer.alloc(0) : await buffer(found.body);
  if (sha256OfBytes(bytes) === digest.sha256) return bytes;
  throw remoteCorrupt(
    objects.description,
    key,
    digest,
    `bytes ${offset} to ${offset + digest.size - 1} have another sha256`,
  );
}

async function readText(objects: ObjectStore, key: string): Promise<string | undefined> {
  const found = await objects.get(key);
  return found === undefined ? undefined : (await buffer(found.body)).toString('utf8');
}

function sum(infos: readonly ObjectInfo[]): { files: number; bytes: number } {
  return { files: infos.length, bytes: infos.reduce((total, { size }) => total + size, 0) };
}

function bytesOf(files: readonly PackedFile[]): number {
  return files.reduce((total, { digest }) => total + digest.size, 0);
}
