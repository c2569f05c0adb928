import { randomBytes } from 'node:crypto';
import { constants, copyFileSync, linkSync, renameSync, rmSync } from 'node:fs';
import { withFolder } from '../stored-file';

/** How a file came into place. */
export type Placed = 'reflink' | 'hard link' | 'copy';

/** Brings files into place; keeps what it has learned of the file system. */
export class FilePlacer {
  private reflinks = true;

  /**
   * Brings a file of the store to its place in the workspace, whole or not at all: by a reflink where the file system
   * has them, else by a hard link, which cannot be written to, else by a copy (docs/decisions/0008). What is there is
   * replaced.
   *
   * On this thread: one call into the system where a file can be linked and nothing is in its place.
   *
   * @throws the error of Node
   */
  place(stored: string, target: string): Placed {
    return withFolder(target, () => this.bring(stored, target));
  }

  private bring(stored: string, target: string): Placed {
    if (this.reflinks) {
      try {
        return beside(target, (temporary) => {
          copyFileSync(stored, temporary, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
          return 'reflink';
        });
      } catch (error) {
        if (isMissing(error)) throw error;
        // Where one cannot be had, the next cannot either. If it could: a link or a copy is right, too.
        this.reflinks = false;
      }
    }
    try {
      return linked(stored, target);
    } catch (error) {
      if (isMissing(error)) throw error;
    }
    return beside(target, (temporary) => {
      copyFileSync(stored, temporary, constants.COPYFILE_EXCL);
      return 'copy';
    });
  }
}

/** A link comes into being whole, so it needs no other name before, save where something is in its place. */
function linked(stored: string, target: string): Placed {
  try {
    linkSync(stored, target);
    return 'hard link';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return beside(target, (temporary) => {
    linkSync(stored, temporary);
    return 'hard link';
  });
}

/** Makes a file under another name in the same folder and renames it. */
function beside(target: string, make: (temporary: string) => Placed): Placed {
  const temporary = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const placed = make(temporary);
    renameSync(temporary, target);
    return placed;
  } finally {
    // A rename onto another hard link of the same file does nothing and leaves the first.
    rmSync(temporary, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
