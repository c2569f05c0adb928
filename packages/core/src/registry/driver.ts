import type { FileDigest } from '../manifest/column';
import type { RegistryEvent } from './event';

/** A place in the log of a model, from which the rest can be read without the beginning. */
export interface LogPosition {
  /** Sequence number of the last event up to here. */
  readonly seq: number;
  /** Its hash. */
  readonly hash: string;
  /** Opaque; the driver finds the place again by it, such as bytes from the beginning. */
  readonly mark: string;
}

/** Events of a log, in order, and where they end. */
export interface EventPage {
  readonly events: readonly RegistryEvent[];
  /** Undefined for a log without events. */
  readonly end?: LogPosition;
  /** Whether `events` begins behind the position that was asked for; else it is the whole log. */
  readonly continued: boolean;
}

/** A blob that is stored again becomes young where it is older than this, for some stores take all its bytes again. ms */
export const REFRESH_AGE = 60 * 60 * 1000;

/**
 * Where a registry lies: blobs, version records, one event log a model and a snapshot of what it comes to. Knows nothing
 * of what records, events and snapshots mean. Model names are safe file names (`fileNameOfProject`).
 */
export interface RegistryDriver {
  /** For people, such as the folder. */
  readonly description: string;
  listModels(): Promise<string[]>;

  /**
   * Stores the bytes of a local file under their digest. Where they are there already they only become young again, so
   * that a removal of old ones, which is under way, spares them (see `REFRESH_AGE`).
   */
  putBlob(localFile: string): Promise<FileDigest>;
  /**
   * A local file with these bytes, checked against the digest. Read only.
   * @throws MlopsError MLOPS_REGISTRY_BLOB_MISSING, MLOPS_REGISTRY_BLOB_CORRUPT
   */
  getBlob(blob: FileDigest): Promise<string>;
  /** Digests of all blobs, with their sizes in bytes and when they were stored (ms since the epoch). */
  listBlobs(): AsyncIterable<FileDigest & { readonly stored: number }>;
  /**
   * Removes blobs, less those that were stored again at `before` or later (ms since the epoch).
   *
   * @returns those that are gone; what was not there counts as removed
   */
  removeBlobs(digests: readonly string[], before: number): Promise<string[]>;

  /** @throws MlopsError MLOPS_REGISTRY_CONFLICT when that number is taken */
  createVersion(model: string, version: number, record: string): Promise<void>;
  /** The text that was given, or undefined when there is no such version. */
  readVersion(model: string, version: number): Promise<string | undefined>;

  /**
   * The log in order; empty for an unknown model. Never waits for a writer.
   *
   * @param after read only what follows, where the log still holds that event there; else the whole log is given
   * @throws MlopsError MLOPS_REGISTRY_TAMPERED when a line is no event
   */
  readEvents(model: string, after?: LogPosition): Promise<EventPage>;
  /**
   * Appends if and only if the log still ends with `event.seq - 1`; durable when it returns.
   * @throws MlopsError MLOPS_REGISTRY_CONFLICT when another writer came first
   */
  appendEvent(model: string, event: RegistryEvent): Promise<void>;

  /** A cache that may be lost or old; the caller checks it. Undefined when there is none. */
  readSnapshot(model: string): Promise<string | undefined>;
  /** Whole or not at all; the last of several writers wins. A driver that gains nothing by snapshots keeps none. */
  writeSnapshot(model: string, snapshot: string): Promise<void>;

  /**
   * Brings what other tools see of a model, such as aliases, in line with its log. Called after every command, also one
   * that recorded nothing, so that what a killed command left undone is done by the next. Only of drivers that show a
   * registry to other tools.
   *
   * @throws MlopsError that says that the command itself is recorded
   */
  mirror?(model: string): Promise<void>;
}
