import { FileObjectStore, type ObjectStore } from '@nx-mlops/core';
import { join } from 'node:path';
import tmp from 'tmp';
import { CacheServer, type CacheServerOptions } from './cache-server';
import { CacheStore } from './cache-store';
import { Figures } from './figures';
import { Spool } from './spool';
import { CacheTokens } from './tokens';

tmp.setGracefulCleanup();

export const trustedToken = 'trusted-0123456789';
export const pullRequestToken = 'pull-request-0123456789';
export const readToken = 'read-0123456789abc';

export interface RunningServer {
  readonly server: CacheServer;
  readonly cache: CacheStore;
  /** Where everything lies. */
  readonly folder: string;
  readonly spoolFolder: string;
  readonly log: string[];
  put(hash: string, body: string | Buffer, token?: string): Promise<{ status: number; text: string }>;
  get(hash: string, token?: string): Promise<{ status: number; text: string }>;
  metric(line: string): Promise<number | undefined>;
}

export async function startCacheServer({
  folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a cache'),
  maxBytes = { trusted: 1e9, 'pull-request': 1e9 },
  wrap = (store: ObjectStore) => store,
  ...options
}: Partial<CacheServerOptions> & {
  folder?: string;
  maxBytes?: { trusted: number; 'pull-request': number };
  wrap?: (store: ObjectStore) => ObjectStore;
} = {}): Promise<RunningServer> {
  const log: string[] = [];
  const write = (line: string) => void log.push(line);
  const figures = new Figures();
  const spoolParent = join(folder, '..', 'spool');
  const spool = await Spool.open(spoolParent);
  const store = wrap(new FileObjectStore(folder));
  const cache = await CacheStore.open({ store, maxBytes, figures, log: write });
  const tokens = CacheTokens.fromEnvironment({
    NX_MLOPS_CACHE_TRUSTED_TOKEN: trustedToken,
    NX_MLOPS_CACHE_PULL_REQUEST_TOKEN: pullRequestToken,
    NX_MLOPS_CACHE_READ_TOKEN: readToken,
  });
  const server = await CacheServer.start({
    cache,
    spool,
    tokens,
    figures,
    log: write,
    host: '127.0.0.1',
    port: 0,
    maxEntryBytes: 1e8,
    maxUploads: 8,
    maxDownloads: 8,
    idleMs: 10_000,
    requestMs: 60_000,
    ...options,
  });
  const ask = async (method: string, hash: string, token: string, body?: string | Buffer) => {
    const response = await fetch(`${server.url}/v1/cache/${hash}`, {
      method,
      body: body as string,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    server,
    cache,
    folder,
    spoolFolder: join(spoolParent, String(process.pid)),
    log,
    put: (hash, body, token = trustedToken) => ask('PUT', hash, token, body),
    get: (hash, token = trustedToken) => ask('GET', hash, token),
    metric: async (line) => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const found = text.split('\n').find((each) => each.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length));
    },
  };
}
