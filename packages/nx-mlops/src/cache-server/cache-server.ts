import { messageOf } from '@nx-mlops/core';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { CacheStore } from './cache-store';
import type { Figures, Refusal } from './figures';
import { assertMayListen } from './listen-address';
import { hashPattern, scopeLabel, type Access } from './scope';
import { Slots } from './slots';
import { TooBigError, type Spool, type Spooled } from './spool';
import type { CacheTokens } from './tokens';

export interface CacheServerOptions {
  readonly cache: CacheStore;
  readonly spool: Spool;
  readonly tokens: CacheTokens;
  readonly figures: Figures;
  readonly log: (line: string) => void;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Bytes. */
  readonly maxEntryBytes: number;
  readonly maxUploads: number;
  readonly maxDownloads: number;
  /** How long a transfer may stand still. ms */
  readonly idleMs: number;
  /** How long a request may take to come in whole, the wait for a slot included. ms */
  readonly requestMs: number;
}

/** How many wait in line for a slot before the next is turned away. */
const MAX_WAITING = 1000;
/** The client of Nx keeps a connection for 90 s; were it closed here first, its next request could fall into the gap. */
const KEEP_ALIVE_MS = 120_000;

/**
 * The self-hosted remote cache of Nx over HTTP: `PUT` and `GET /v1/cache/{hash}`; besides `GET /health` and `GET /metrics`.
 *
 * What it answers follows from what Nx makes of it. A PUT that is answered by 200, 403 or 409 leaves the task as it is, any
 * other answer fails it; of a GET 200 and 404 are understood, any other stops the run. So what is not taken in, for whatever
 * reason, is 403 with the reason as text, and what cannot be read is 404: the task is then done once more. Only a wrong
 * token is 401, for that somebody has to mend.
 */
export class CacheServer {
  private readonly uploads: Slots;
  private readonly downloads: Slots;
  private isDraining = false;

  private constructor(
    private readonly options: CacheServerOptions,
    private readonly server: Server,
  ) {
    this.uploads = new Slots(options.maxUploads, MAX_WAITING);
    this.downloads = new Slots(options.maxDownloads, MAX_WAITING);
  }

  /** @throws MlopsError MLOPS_CACHE_OPEN, or the error of the system where the address is taken */
  static async start(options: CacheServerOptions): Promise<CacheServer> {
    assertMayListen(options.host, options.tokens.areSet);
    const server = createServer({
      headersTimeout: Math.min(30_000, options.requestMs),
      requestTimeout: options.requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    const cacheServer = new CacheServer(options, server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      cacheServer.answer(request, response).catch((error: unknown) => {
        options.log(`${request.method} ${request.url}: ${messageOf(error)}`);
        if (response.headersSent) response.destroy();
        else reply(response, 500, 'The cache server failed; its log says why.');
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return cacheServer;
  }

  get url(): string {
    const { address, port, family } = this.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Takes no more connections, and waits for what is under way; what takes longer is cut off. @param graceMs ms */
  async stop(graceMs: number): Promise<void> {
    this.isDraining = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const idle = setInterval(() => this.server.closeIdleConnections(), 50);
    const grace = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await closed;
    clearInterval(idle);
    clearTimeout(grace);
    await this.options.cache.settled();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isDraining) response.shouldKeepAlive = false;
    const { tokens, figures, cache } = this.options;
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path === '/health' || path === '/metrics') {
      if (request.method !== 'GET') return reply(response, 405, 'Only GET.');
      if (path === '/health') return reply(response, 200, 'ok');
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(figures.text((kind) => cache.total(kind)));
      return;
    }
    const hash = /^\/v1\/cache\/([^/]*)$/.exec(path)?.[1];
    if (hash === undefined) return reply(response, 404, 'There is /v1/cache/{hash}, /health and /metrics.');
    const access = tokens.authorize(request.headers.authorization);
    if (access === undefined) {
      figures.unauthorized();
      response.setHeader('www-authenticate', 'Bearer');
      return reply(
        response,
        401,
        'The token is none of this cache server. Look at NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN of this build.',
      );
    }
    if (!hashPattern.test(hash)) return reply(response, 400, 'That is no hash of a task.');
    if (request.method === 'GET') return this.download(access, hash, response);
    if (request.method === 'PUT') return this.upload(access, hash, request, response);
    response.setHeader('allow', 'GET, PUT');
    return reply(response, 405, 'Only GET and PUT.');
  }

  private async download(access: Access, hash: string, response: ServerResponse): Promise<void> {
    const { figures, log } = this.options;
    const signal = closing(response);
    const work = () => this.send(access, hash, response, signal);
    try {
      if ((await this.downloads.run(work, signal)) === 'answered') return;
      log(`GET ${hash} for ${scopeLabel(access.scope)}: too many wait`);
    } catch (error) {
      if (response.destroyed) return figures.brokeOff('download');
      figures.storageFailed();
      log(`GET ${hash} for ${scopeLabel(access.scope)}: ${messageOf(error)}`);
    }
    figures.add('misses', access.scope.kind);
    reply(response, 404, 'The entry cannot be read now.');
  }

  /** @throws what the store throws, as long as nothing was answered */
  private async send(
    access: Access,
    hash: string,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<'answered'> {
    const { cache, figures, idleMs, log } = this.options;
    const found = await cache.get(access, hash, signal);
    if (found === undefined) {
      figures.add('misses', access.scope.kind);
      reply(response, 404, 'There is no such entry.');
      return 'answered';
    }
    const { scope, size, body, release } = found;
    try {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
      response.setTimeout(idleMs, () => response.destroy());
      await pipeline(body, response);
      figures.add('hits', scope.kind);
      figures.add('bytesSent', scope.kind, size);
    } catch (error) {
      // The length was announced, so the client sees that it has not all.
      figures.brokeOff('download');
      log(`GET ${hash} for ${scopeLabel(access.scope)} broke off: ${messageOf(error)}`);
      response.destroy();
    } finally {
      release();
    }
    return 'answered';
  }

  private async upload(
    access: Access,
    hash: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { maxEntryBytes } = this.options;
    const label = scopeLabel(access.scope);
    const refuse = (reason: Refusal, text: string) => {
      this.options.figures.refuse(reason, access.scope.kind);
      this.options.log(`PUT ${hash} for ${label} not taken in: ${text}`);
      // What still comes is read and dropped: a connection that is closed meanwhile would fail the task.
      request.resume();
      reply(response, 403, text);
    };
    const tooBig = `It has more than ${maxEntryBytes} bytes, which --max-entry-size allows.`;
    if (access.writes === undefined) return refuse('read-only', 'This token may only read.');
    if (Number(request.headers['content-length'] ?? 0) > maxEntryBytes) return refuse('too-big', tooBig);
    try {
      const work = () => this.takeIn(access, hash, request, response);
      if ((await this.uploads.run(work, closing(response))) === undefined) {
        refuse('busy', 'Too many uploads wait already.');
      }
    } catch (error) {
      if (error instanceof TooBigError) return refuse('too-big', tooBig);
      if (response.destroyed || (request.destroyed && !request.complete)) {
        this.options.figures.brokeOff('upload');
        this.options.log(`PUT ${hash} for ${label} broke off`);
        return;
      }
      this.options.figures.storageFailed();
      refuse('storage', `It could not be stored: ${messageOf(error)}`);
    }
  }

  private async takeIn(
    access: Access,
    hash: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<'answered'> {
    const { cache, spool, figures, log, idleMs, maxEntryBytes } = this.options;
    const scope = access.writes ?? access.scope;
    const conflict = (): 'answered' => {
      figures.add('conflicts', scope.kind);
      request.resume();
      reply(response, 409, 'The entry is there already, and no entry is overwritten.');
      return 'answered';
    };
    // What a pull request reads from the trusted scope it has no use for in its own.
    if (await cache.has(access, hash)) return conflict();
    request.setTimeout(idleMs, () => request.destroy());
    let spooled: Spooled;
    try {
      spooled = await spool.take(request, maxEntryBytes);
    } finally {
      request.setTimeout(0);
    }
    try {
      if (spooled.size === 0) {
        reply(response, 400, 'The body is empty. No task gives that, and an entry could not be mended.');
        return 'answered';
      }
      if (!(await cache.put(scope, hash, spooled))) return conflict();
    } finally {
      await spool.remove(spooled);
    }
    figures.add('writes', scope.kind);
    figures.add('bytesReceived', scope.kind, spooled.size);
    log(`stored ${scopeLabel(scope)}/${hash} ${spooled.size} bytes sha256:${spooled.sha256}`);
    // Not the 202 of the specification: Nx 24 takes that for a failure.
    reply(response, 200, 'Stored.');
    return 'answered';
  }
}

/** Aborts when the client goes before it was answered. */
function closing(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new Error('the client has gone')));
  return controller.signal;
}

/** Nx shows the text of a 401 where its type is exactly this. */
function reply(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}
