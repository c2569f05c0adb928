import type { FileDigest } from '@nx-mlops/core';

/** Larger files are no pointers (Git LFS: less than 1024 bytes). */
export const MOST_POINTER_BYTES = 1023;

const TITLE = 'version https://git-lfs.github.com/spec/';

/** A file that stands for data that Git LFS has not fetched. */
export interface LfsPointer {
  /** The data's digest, or undefined where the pointer is broken. */
  readonly target: FileDigest | undefined;
}

/**
 * Reads a Git LFS pointer, which names the digest and size of the data that it stands for.
 *
 * @returns undefined for any other file
 */
export function parseLfsPointer(text: string): LfsPointer | undefined {
  if (text.length > MOST_POINTER_BYTES || !text.startsWith(TITLE)) return undefined;
  const sha256 = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  return { target: sha256 === undefined || size === undefined ? undefined : { sha256, size: Number(size) } };
}
