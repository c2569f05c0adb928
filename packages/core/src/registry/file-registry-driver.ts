import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeAtomically } from '../files/write-atomically';
import type { FileDigest } from '../manifest/column';
import type { EventPage, LogPosition, RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { FileBlobs } from './file-blobs';
import { appendToEventFile, readEventFile } from './file-event-log';
import { withLockFile, type HeldLock } from './lock-file';
import { LogMemory } from './log-memory';
import { checkedModelName } from './checked-name';
import { registryConflict } from './registry-conflict';
import { registryIoError } from './registry-io-error';

/** Half-written snapshots older than this were left by killed processes. ms */
const ABANDONED = 60_000;

/**
 * A registry in a folder, on this machine or shared by several (DESIGN §7):
 *
 * ```
 * blobs/sha256/ab/<hex>            immutable
 * models/<name>/versions/<n>.json  immutable
 * models/<name>/events.jsonl       append-only
 * models/<name>/state.json         a cache of what the events come to
 * models/<name>/lock               while somebody writes
 * ```
 *
 * Writers of one model take turns by the lock file; readers never wait. A process killed at any point leaves whole
 * files, or a last line of the log without newline, which readers leave out and the next writer cuts off.
 */
export class FileRegistryDriver implements RegistryDriver {
  readonly description: string;
  private readonly blobs: FileBlobs;
  private readonly memory = new LogMemory();

  /** @param folder absolute; made when something is first written */
  constructor(private readonly folder: string) {
    this.description = folder;
    this.blobs = new FileBlobs(join(folder, 'blobs'));
  }

  async listModels(): Promise<string[]> {
    const models = join(this.folder, 'models');
    try {
      const entries = await readdir(models, { withFileTypes: true });
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const withLog = await Promise.all(names.map((name) => exists(join(models, name, 'events.jsonl'))));
      return names.filter((_, index) => withLog[index]).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw registryIoError(error, 'the models cannot be listed', models);
    }
  }

  putBlob(localFile: string): Promise<FileDigest> {
    return this.blobs.put(localFile);
  }

  getBlob(blob: FileDigest): Promise<string> {
    return this.blobs.get(blob);
  }

  async createVersion(model: string, version: number, record: string): Promise<void> {
    const file = this.versionFile(model, version);
    await this.locked(model, `version ${version} cannot be recorded`, async (lock) => {
      if (await exists(file)) throw registryConflict(`took version number ${version}`, file);
      await lock.assertHeld();
      await writeAtomically(file, record);
    });
  }

  async readVersion(model: string, version: number): Promise<string | undefined> {
    const file = this.versionFile(model, version);
    return readIfThere(file, `version ${version} cannot be read`);
  }

  async readEvents(model: string, after?: LogPosition): Promise<EventPage> {
    const file = this.eventFile(model);
    try {
      return await readEventFile(file, after, this.memory);
    } catch (error) {
      throw registryIoError(error, 'the events cannot be read', file);
    }
  }

  async readSnapshot(model: string): Promise<string | undefined> {
    return readIfThere(this.snapshotFile(model), 'the snapshot cannot be read');
  }

  async writeSnapshot(model: string, snapshot: string): Promise<void> {
    const file = this.snapshotFile(model);
    try {
      await writeAtomically(file, snapshot);
      await removeAbandoned(file);
    } catch (error) {
      throw registryIoError(error, 'the snapshot cannot be written', file);
    }
  }

  listBlobs(): ReturnType<RegistryDriver['listBlobs']> {
    return this.blobs.list();
  }

  removeBlobs(digests: readonly string[], before: number): Promise<string[]> {
    return this.blobs.remove(digests, before);
  }

  async appendEvent(model: string, event: RegistryEvent): Promise<void> {
    await this.locked(model, `event ${event.seq} cannot be recorded`, (lock) =>
      appendToEventFile(this.eventFile(model), event, () => lock.assertHeld()),
    );
  }

  private async locked(model: string, doing: string, work: (lock: HeldLock) => Promise<void>): Promise<void> {
    const file = join(this.modelFolder(model), 'lock');
    try {
      await mkdir(dirname(file), { recursive: true });
      await withLockFile(file, work);
    } catch (error) {
      throw registryIoError(error, doing, dirname(file));
    }
  }

  private modelFolder(model: string): string {
    return join(this.folder, 'models', checkedModelName(model));
  }

  private eventFile(model: string): string {
    return join(this.modelFolder(model), 'events.jsonl');
  }

  private snapshotFile(model: string): string {
    return join(this.modelFolder(model), 'state.json');
  }

  private versionFile(model: string, version: number): string {
    return join(this.modelFolder(model), 'versions', `${version}.json`);
  }
}

/** What processes left that were killed while they wrote this file. */
async function removeAbandoned(file: string): Promise<void> {
  const names = await readdir(dirname(file));
  const begun = names.filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.tmp'));
  for (const name of begun) {
    const path = join(dirname(file), name);
    const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - modified > ABANDONED) await rm(path, { force: true });
  }
}

async function readIfThere(file: string, doing: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw registryIoError(error, doing, file);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
