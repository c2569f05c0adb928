import type { Readable } from 'node:stream';

/** What a store tells of an object without its bytes. */
export interface ObjectInfo {
  /** Relative to the store's root, forward slashes. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Changes when the bytes do; opaque. */
  readonly etag: string;
  /** When it was put, by the clock of the store. ms since the epoch */
  readonly modified: number;
}

/** Bytes to put: held in memory, or a local file that is streamed. */
export type ObjectBody = Uint8Array | { readonly file: string };

/** A write that depends on what is there now. */
export interface PutCondition {
  /** Only where no object of that key is. */
  readonly ifAbsent?: boolean;
  /** Only where the object there has this etag. */
  readonly ifMatch?: string;
}

/** How a put tells how far it is. */
export interface PutProgress {
  /** Called with the bytes that have gone since the last call; how often is up to the store. */
  readonly onSent?: (bytes: number) => void;
}

/**
 * Objects by key, in a folder or in a bucket. What the store of prepared data and, later, the registry stand on.
 *
 * A put is seen whole or not at all. Every method throws MlopsError: MLOPS_REMOTE_UNREACHABLE, MLOPS_REMOTE_DENIED
 * (credentials missing or not enough), MLOPS_REMOTE_NOT_FOUND (no such bucket or folder), MLOPS_REMOTE_FAILED,
 * MLOPS_S3_SDK_MISSING; or the reason of the signal.
 */
export interface ObjectStore {
  /** For people, such as `s3://bucket/prefix`. */
  readonly description: string;
  /** Undefined when there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /**
   * The bytes as a stream, or undefined when there is no such object.
   *
   * A stream that breaks off midway fails with the error of Node; who reads on may ask for the rest by its range.
   *
   * @param range bytes `start` to `end`, both counted; the whole object when left out. What lies beyond the end is
   *   left out, so the stream may be empty
   */
  get(
    key: string,
    options?: {
      readonly range?: { readonly start: number; readonly end: number };
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly info: ObjectInfo; readonly body: Readable } | undefined>;
  /** The etag of what is there now, or undefined where the condition did not hold and nothing was written. */
  put(
    key: string,
    body: ObjectBody,
    options?: PutCondition & PutProgress & { readonly signal?: AbortSignal },
  ): Promise<string | undefined>;
  /** All objects whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo>;
  /** Removes objects; those that are not there count as removed. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
}
