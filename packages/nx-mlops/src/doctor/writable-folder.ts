import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Why files cannot be made in a folder, which may not be there yet; undefined where they can. */
export async function whyNotWritable(folder: string): Promise<string | undefined> {
  const existing = await nearestExisting(folder);
  if (!(await stat(existing)).isDirectory()) return `${existing} is a file where a folder should be`;
  try {
    await access(existing, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `${existing} may not be written to (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

/** The path itself, or the nearest thing above it that is there. */
export async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(at) === at) throw error;
    }
  }
}
