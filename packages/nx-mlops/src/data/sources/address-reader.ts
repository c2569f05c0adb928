import { MlopsError } from '@nx-mlops/core';
import { shownAddress } from './source-address';

/** What a server tells of a file without its bytes. */
export interface RemoteFile {
  readonly address: string;
  /** Bytes, where the server says. */
  readonly size?: number;
  /** Changes when the bytes do; opaque. Undefined where the server says nothing that does. */
  readonly etag?: string;
}

/** A running answer of a server. */
export interface RemoteBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** The first byte of `body`: the one that was asked for, or 0 where the server begins anew. */
  readonly start: number;
  /** Bytes of the whole file, where the server says. */
  readonly size?: number;
  readonly etag?: string;
}

/**
 * Reads files by address.
 *
 * Every method throws MlopsError: MLOPS_REMOTE_UNREACHABLE (`isPassing` tells whether another try may help),
 * MLOPS_REMOTE_DENIED, MLOPS_REMOTE_NOT_FOUND, MLOPS_REMOTE_FAILED; or the reason of the signal.
 */
export interface AddressReader {
  /** The files that an address stands for: itself, or all objects of a folder in a bucket. Not sorted. */
  list(address: string, signal?: AbortSignal): Promise<RemoteFile[]>;
  /**
   * What the server says of one file now.
   *
   * @param known its etag as it was, for servers that answer to it alone
   */
  look(address: string, known: string | undefined, signal?: AbortSignal): Promise<RemoteFile>;
  /**
   * The bytes of a file.
   *
   * @param from begins there if the file has this etag still, else at 0
   */
  read(
    address: string,
    from: { readonly start: number; readonly etag: string } | undefined,
    signal?: AbortSignal,
  ): Promise<RemoteBody>;
}

/** The reader of an address, by its scheme. */
export type OpenReader = (address: string) => Promise<AddressReader>;

/** A failure that another try may mend: a server that is busy, a connection that was cut. */
export class PassingFailure extends MlopsError {}

export function notFound(address: string, said: string): MlopsError {
  return new MlopsError(
    'MLOPS_REMOTE_NOT_FOUND',
    `${shownAddress(address)} is not there (${said}). Mend the address in "sources", or bring the file back.`,
  );
}

export function denied(address: string, said: string): MlopsError {
  return new MlopsError(
    'MLOPS_REMOTE_DENIED',
    `${shownAddress(address)} may not be read (${said}). An https:// source has to be public; for s3:// give credentials that may read it, in the environment or the AWS profile.`,
  );
}
