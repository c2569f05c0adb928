import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '@nx-mlops/core';
import { formatBytes } from '../../reporting/format';
import { ok, warning } from '../finding';
import type { Check } from '../surroundings';
import { nearestExisting } from '../writable-folder';

const NAME = 'disk space';
/** Bytes. */
const LOW = 2 * 1024 ** 3;

/** @param low below how many bytes for the local store to warn */
export function diskSpaceCheck(low = LOW): Check {
  return {
    name: NAME,
    async run({ workspaceRoot }) {
      const { bavail, bsize } = await statfs(await nearestExisting(join(workspaceRoot, layout.store)));
      const found = `${formatBytes(bavail * bsize)} free for ${layout.store}`;
      if (bavail * bsize >= low) return [ok(NAME, found)];
      return [
        warning(
          NAME,
          found,
          'npx nx-mlops gc removes data that no branch needs; npx nx reset the cache of Nx.',
        ),
      ];
    },
  };
}
