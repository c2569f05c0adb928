import { FileObjectStore } from '@nx-mlops/core';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CacheStore } from '../../cache-server/cache-store';
import { Figures } from '../../cache-server/figures';
import { hashPattern, type Scope } from '../../cache-server/scope';
import { ciFolder, jobFolder } from '../ci-folder';
import { ENTRY_PREFIX, touch } from '../run/embedded-cache';
import type { CollectedJob } from './job-files';

const scope: Scope = { kind: 'trusted' };

/**
 * Puts the cache entries of jobs into the store of the embedded cache, each whole or not at all; the first job that has one
 * gives it. Past the limit those longest unused go.
 *
 * @returns how many were new
 */
export async function placeEntries(request: {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly jobs: readonly CollectedJob[];
  /** Bytes. */
  readonly maxBytes: number;
  readonly print: (line: string) => void;
}): Promise<number> {
  const { workspaceRoot, jobs, maxBytes, print } = request;
  const folder = join(workspaceRoot, ciFolder.cache);
  await mkdir(dirname(folder), { recursive: true });
  const entries = jobs.flatMap(({ files }) =>
    files.flatMap(({ path, file, size, sha256 }) => {
      const hash = path.startsWith(`${jobFolder.entries}/`) ? path.slice(jobFolder.entries.length + 1) : '';
      return hashPattern.test(hash) && size > 0 ? [{ hash, spooled: { file, size, sha256 } }] : [];
    }),
  );
  // Before the store lists them: what jobs of this commit used goes last.
  await touch(entries.map(({ hash }) => join(folder, ENTRY_PREFIX, hash)));
  const cache = await CacheStore.open({
    store: new FileObjectStore(folder),
    maxBytes: { trusted: maxBytes, 'pull-request': maxBytes },
    figures: new Figures(),
    log: (line) => {
      if (!line.startsWith('evicted ')) print(`cache: ${line}`);
    },
  });
  let count = 0;
  for (const { hash, spooled } of entries) if (await cache.put(scope, hash, spooled)) count += 1;
  await cache.settled();
  return count;
}
