import type * as Devkit from '@nx/devkit';

/** Where Nx keeps its record of the last run; in the home folder or in the workspace, by version and settings. */
export function nxCacheFolder(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: it takes longer than all else here
  const { cacheDir } = require('@nx/devkit') as typeof Devkit;
  return cacheDir;
}
