import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MOST_POINTER_BYTES, parseLfsPointer, type LfsPointer } from './git-lfs-pointer';
import { statText } from './stat-text';

/** Bytes of a read: enough that calls into the system cost nothing beside the hashing. */
export const READ_BYTES = 1 << 20;

/** A file that was read to its end. */
export interface HashedFile {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** The stat of the bytes that were read, from `statText`. */
  readonly stat: string;
  /** Whether the stat was another one after reading than before: the digest is of no state of the file. */
  readonly changed: boolean;
  /** Where the file is a Git LFS pointer. */
  readonly pointer?: LfsPointer;
}

/**
 * Hashes a file on this thread, in bounded memory. For a thread of its own or for small files, for nothing else runs
 * meanwhile.
 *
 * @param buffer room for reading, used again and again
 * @param onBytes hears of bytes that were hashed; returns false to stop
 * @returns undefined when stopped
 * @throws the error of Node when it cannot be read
 */
export function hashFileNow(
  file: string,
  buffer: Buffer,
  onBytes: (bytes: number) => boolean,
): HashedFile | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const before = fstatSync(descriptor, { bigint: true });
    const first = readSync(descriptor, buffer, 0, buffer.length, null);
    let sha256: string;
    let size = 0;
    if (first < buffer.length && BigInt(first) === before.size) {
      sha256 = hash('sha256', buffer.subarray(0, first), 'hex');
      size = first;
      if (!onBytes(first)) return undefined;
    } else {
      const sum = createHash('sha256');
      for (let read = first; read > 0; read = readSync(descriptor, buffer, 0, buffer.length, null)) {
        sum.update(buffer.subarray(0, read));
        size += read;
        if (!onBytes(read)) return undefined;
      }
      sha256 = sum.digest('hex');
    }
    const stat = statText(before);
    const pointer =
      size <= MOST_POINTER_BYTES ? parseLfsPointer(buffer.toString('latin1', 0, size)) : undefined;
    return {
      sha256,
      size,
      stat,
      changed: statText(fstatSync(descriptor, { bigint: true })) !== stat || before.size !== BigInt(size),
      ...(pointer === undefined ? {} : { pointer }),
    };
  } finally {
    closeSync(descriptor);
  }
}
