import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatPath } from '../config/parse-config';
import { MlopsError } from '../errors/mlops-error';
import { canonicalJson } from '../files/canonical-json';
import { writeAtomically } from '../files/write-atomically';
import type { FileDigest } from '../manifest/column';
import type { RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { FileBlobs } from './file-blobs';
import { appendToEventFile, readEventFile } from './file-event-log';
import { withLockFile, type HeldLock } from './lock-file';
import { checkedModelName } from './checked-name';
import { registryIoError } from './registry-io-error';
import { versionRecordSchema, type VersionRecord } from './version';

/**
 * A registry in a folder, on this machine or shared by several (DESIGN §7):
 *
 * ```
 * blobs/sha256/ab/<hex>            immutable
 * models/<name>/versions/<n>.json  immutable
 * models/<name>/events.jsonl       append-only
 * models/<name>/lock               while somebody writes
 * ```
 *
 * Writers of one model take turns by the lock file; readers never wait. A process killed at any point leaves whole
 * files, or a last line of the log without newline, which readers leave out and the next writer cuts off.
 */
export class FileRegistryDriver implements RegistryDriver {
  readonly description: string;
  private readonly blobs: FileBlobs;

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

  async createVersion(record: VersionRecord): Promise<void> {
    const file = this.versionFile(record.model, record.version);
    const bytes = canonicalJson(versionRecordSchema.parse(record));
    await this.locked(record.model, `version ${record.version} cannot be recorded`, async (lock) => {
      if (await exists(file)) {
        throw new MlopsError(
          'MLOPS_REGISTRY_CONFLICT',
          `another command took version number ${record.version} meanwhile. Run the command again.`,
          { file },
        );
      }
      await lock.assertHeld();
      await writeAtomically(file, bytes);
    });
  }

  async readVersion(model: string, version: number): Promise<VersionRecord | undefined> {
    const file = this.versionFile(model, version);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw registryIoError(error, `version ${version} cannot be read`, file);
    }
    return parseVersion(text, file);
  }

  async readEvents(model: string): Promise<RegistryEvent[]> {
    const file = this.eventFile(model);
    try {
      return [...(await readEventFile(file))];
    } catch (error) {
      throw registryIoError(error, 'the events cannot be read', file);
    }
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

  private versionFile(model: string, version: number): string {
    return join(this.modelFolder(model), 'versions', `${version}.json`);
  }
}

function parseVersion(text: string, file: string): VersionRecord {
  const broken = (what: string, cause?: unknown) =>
    new MlopsError(
      'MLOPS_REGISTRY_TAMPERED',
      `${what}. Version records never change, so something other than nx-mlops wrote here, or a newer nx-mlops did. Restore the file from a backup, or update nx-mlops.`,
      { file },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken('is no whole JSON', error);
  }
  const result = versionRecordSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw broken(`${formatPath(issue?.path ?? [])}: ${issue?.message ?? 'unknown form'}`, result.error);
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
