import { MlopsError, writeAtomically, type FileDigest, type ObjectStore } from '@nx-mlops/core';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { mapConcurrently } from '../map-concurrently';
import { packedFiles, packIndexSchema, type PackIndex, type PackedFile } from './pack-index';
import { packIndexKey, remoteLayout } from './remote-layout';

const INDEXES_AT_ONCE = 8;
const NAME = /^([0-9a-f]{64})\.json$/;

/** A small file in the remote: in which pack, and where. */
export interface PackLocation extends PackedFile {
  /** sha256 of the pack. */
  readonly pack: string;
}

/**
 * Which small file lies in which pack. The indexes never change, so each is fetched once and kept in a folder of this
 * machine; only where a file is in none of them, the remote is asked for new ones.
 */
export class PackCatalogue {
  /** @param folder absolute; for this remote alone */
  constructor(
    private readonly objects: ObjectStore,
    private readonly folder: string,
  ) {}

  /** The places of those wanted files that the remote has, by sha256. Asks the remote only where one is unknown. */
  async locate(wanted: readonly FileDigest[], signal?: AbortSignal): Promise<Map<string, PackLocation>> {
    const found = await this.locateKnown(wanted);
    if (wanted.some(({ sha256 }) => !found.has(sha256)) && (await this.refresh(signal))) {
      return this.locateKnown(wanted);
    }
    return found;
  }

  /** Fetches the indexes that came since and forgets those that are gone. @returns whether anything changed */
  async refresh(signal?: AbortSignal): Promise<boolean> {
    const known = new Set(await this.knownPacks());
    const missing: string[] = [];
    const gone = new Set(known);
    for await (const { key } of this.objects.list(remoteLayout.indexes, signal)) {
      const pack = NAME.exec(key.slice(remoteLayout.indexes.length))?.[1];
      if (pack === undefined) continue;
      gone.delete(pack);
      if (!known.has(pack)) missing.push(pack);
    }
    await mapConcurrently([...gone], INDEXES_AT_ONCE, (pack) => this.forget(pack));
    await mapConcurrently(missing, INDEXES_AT_ONCE, (pack) => this.fetch(pack, signal));
    return missing.length > 0 || gone.size > 0;
  }

  /** Notes an index that this machine has put itself. */
  async remember(pack: string, index: PackIndex): Promise<void> {
    await writeAtomically(this.file(pack), JSON.stringify(index));
  }

  async forget(pack: string): Promise<void> {
    await rm(this.file(pack), { force: true });
  }

  /** All indexes that this machine knows; `refresh` first to know all. */
  async *indexes(): AsyncIterable<{ readonly pack: string; readonly index: PackIndex }> {
    for (const pack of await this.knownPacks()) {
      const index = await this.read(pack);
      if (index !== undefined) yield { pack, index };
    }
  }

  private async locateKnown(wanted: readonly FileDigest[]): Promise<Map<string, PackLocation>> {
    const sizes = new Map(wanted.map(({ sha256, size }) => [sha256, size]));
    const found = new Map<string, PackLocation>();
    for await (const { pack, index } of this.indexes()) {
      for (const { digest, offset } of packedFiles(index)) {
        if (sizes.get(digest.sha256) === digest.size) found.set(digest.sha256, { digest, offset, pack });
      }
      if (found.size === sizes.size) break;
    }
    return found;
  }

  private async knownPacks(): Promise<string[]> {
    await mkdir(this.folder, { recursive: true });
    return (await readdir(this.folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
  }

  private async fetch(pack: string, signal: AbortSignal | undefined): Promise<void> {
    const key = packIndexKey(pack);
    const found = await this.objects.get(key, { signal });
    // A gc took it meanwhile.
    if (found === undefined) return;
    const text = (await buffer(found.body)).toString('utf8');
    const index = parseIndex(text);
    if (index === undefined) {
      throw new MlopsError(
        'MLOPS_REMOTE_CORRUPT',
        'is no index of a pack. Delete it there and run push where the data is whole.',
        { file: `${this.objects.description}/${key}` },
      );
    }
    await this.remember(pack, index);
  }

  /** Undefined when it is gone or broken; then it is fetched anew. */
  private async read(pack: string): Promise<PackIndex | undefined> {
    const index = await readFile(this.file(pack), 'utf8').then(parseIndex, () => undefined);
    if (index === undefined) await this.forget(pack);
    return index;
  }

  private file(pack: string): string {
    return join(this.folder, `${pack}.json`);
  }
}

function parseIndex(text: string): PackIndex | undefined {
  try {
    return packIndexSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
