import type { FileDigest } from '../manifest/column';
import type { RegistryEvent } from './event';
import type { VersionRecord } from './version';

/**
 * Where a registry lies: blobs, version records and one event log a model. Knows nothing of what events mean.
 * Model names are safe file names (`fileNameOfProject`).
 */
export interface RegistryDriver {
  /** For people, such as the folder. */
  readonly description: string;
  listModels(): Promise<string[]>;

  /** Stores the bytes of a local file under their digest; does nothing where they are there already. */
  putBlob(localFile: string): Promise<FileDigest>;
  /**
   * A local file with these bytes, checked against the digest. Read only.
   * @throws MlopsError MLOPS_REGISTRY_BLOB_MISSING, MLOPS_REGISTRY_BLOB_CORRUPT
   */
  getBlob(blob: FileDigest): Promise<string>;

  /** @throws MlopsError MLOPS_REGISTRY_CONFLICT when that number is taken */
  createVersion(record: VersionRecord): Promise<void>;
  /** Undefined when there is no such version. */
  readVersion(model: string, version: number): Promise<VersionRecord | undefined>;

  /** The whole log in order; empty for an unknown model. Never waits for a writer. */
  readEvents(model: string): Promise<RegistryEvent[]>;
  /**
   * Appends if and only if the log still ends with `event.seq - 1`; durable when it returns.
   * @throws MlopsError MLOPS_REGISTRY_CONFLICT when another writer came first
   */
  appendEvent(model: string, event: RegistryEvent): Promise<void>;
}
