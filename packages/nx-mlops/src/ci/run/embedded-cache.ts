import { FileObjectStore } from '@nx-mlops/core';
import { randomBytes } from 'node:crypto';
import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CacheServer } from '../../cache-server/cache-server';
import { CacheStore } from '../../cache-server/cache-store';
import { Figures } from '../../cache-server/figures';
import { Spool } from '../../cache-server/spool';
import { CacheTokens, tokenVariables } from '../../cache-server/tokens';
import { ciFolder } from '../ci-folder';
import { RecordingStore } from './recording-store';
import { SERVER_VARIABLE, TOKEN_VARIABLE } from './remote-cache';

/** Of `.mlops/ci/cache`, which the CI system stores and restores whole. Bytes. */
export const DEFAULT_MAX_CACHE_BYTES = 4e9;
/** The scope of all entries: who may write which is up to the CI cache, which keeps pull requests apart. */
export const ENTRY_PREFIX = 'trusted/';
const STOP_GRACE_MS = 5_000;

export interface EmbeddedCache {
  /** What Nx has to be told. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the server. @returns hashes of the entries that were read or written, sorted */
  stop(): Promise<string[]>;
}

/** The cache of a CI job: a cache server of this machine's own over `.mlops/ci/cache`, with a token of its own. */
export async function startEmbeddedCache(request: {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly maxBytes: number;
  readonly print: (line: string) => void;
}): Promise<EmbeddedCache> {
  const { workspaceRoot, maxBytes, print } = request;
  const folder = join(workspaceRoot, ciFolder.cache);
  await mkdir(dirname(folder), { recursive: true });
  const token = randomBytes(32).toString('hex');
  const store = new RecordingStore(new FileObjectStore(folder));
  const figures = new Figures();
  // A line for each entry would drown the tasks; what was not taken in matters.
  const log = (line: string) => {
    if (!/^(stored|evicted) /.test(line)) print(`cache: ${line}`);
  };
  const spool = await Spool.open(join(workspaceRoot, ciFolder.spool));
  try {
    const limits = { trusted: maxBytes, 'pull-request': maxBytes };
    const cache = await CacheStore.open({ store, maxBytes: limits, figures, log });
    const server = await CacheServer.start({
      ...{ cache, spool, figures, log },
      tokens: CacheTokens.fromEnvironment({ [tokenVariables.trusted]: token }),
      host: '127.0.0.1',
      port: 0,
      maxEntryBytes: maxBytes,
      maxUploads: 8,
      maxDownloads: 32,
      idleMs: 60_000,
      requestMs: 3_600_000,
    });
    return {
      env: { [SERVER_VARIABLE]: server.url, [TOKEN_VARIABLE]: token },
      stop: async () => {
        try {
          await server.stop(STOP_GRACE_MS);
        } finally {
          await spool.close();
        }
        const used = [...store.used]
          .filter((key) => key.startsWith(ENTRY_PREFIX))
          .map((key) => key.slice(ENTRY_PREFIX.length))
          .sort();
        await touch(used.map((hash) => join(folder, ENTRY_PREFIX, hash)));
        return used;
      },
    };
  } catch (error) {
    await spool.close();
    throw error;
  }
}

/** The next job knows by the time of a file which entries are in use. */
export async function touch(files: readonly string[]): Promise<void> {
  const now = new Date();
  for (const file of files) await utimes(file, now, now).catch(() => undefined);
}
