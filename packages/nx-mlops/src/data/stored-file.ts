import { hash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Size and sha256 of the bytes of a file. */
interface Digest {
  readonly sha256: string;
  readonly size: number;
}

/** Of this thread, for the names of what is still being written. */
const writer = `${process.pid}.${randomBytes(4).toString('hex')}`;
let written = 0;

/** @param folder of the store, absolute */
export function storedPath(folder: string, sha256: string): string {
  return join(folder, 'sha256', sha256.slice(0, 2), sha256);
}

/**
 * Puts bytes into the store under their digest, when they are those that the digest says: hashed, written beside, renamed
 * into place.
 *
 * On this thread, for small files: a promise for each step would cost more than the step. As few steps as there can be,
 * for they are what 100,000 files cost: the file is made read-only, and its folder only where it turns out to be missing.
 *
 * @returns false, with nothing written, when they are others
 * @throws the error of Node when it cannot be written
 */
export function storeBytesNow(folder: string, bytes: Uint8Array, { sha256, size }: Digest): boolean {
  if (bytes.length !== size || hash('sha256', bytes, 'hex') !== sha256) return false;
  const target = storedPath(folder, sha256);
  const temporary = `${target}.${writer}.${written++}.tmp`;
  const file = withFolder(temporary, () => openSync(temporary, 'wx', 0o444));
  try {
    try {
      for (let at = 0; at < size;) at += writeSync(file, bytes, at, size - at);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return true;
}

/** Does what fails with ENOENT where the folder of `file` is missing; then makes it and tries again. */
export function withFolder<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true });
    return work();
  }
}
