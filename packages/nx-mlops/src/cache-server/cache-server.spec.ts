import { MlopsError, type ObjectStore } from '@nx-mlops/core';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  pullRequestToken,
  readToken,
  startCacheServer,
  trustedToken,
  type RunningServer,
} from './cache-server.fixture';
import { assertMayListen } from './listen-address';
import { Spool } from './spool';

const first = `${pullRequestToken}.pr-1`;
const second = `${pullRequestToken}.pr-2`;
let running: RunningServer | undefined;

async function start(options: Parameters<typeof startCacheServer>[0] = {}): Promise<RunningServer> {
  running = await startCacheServer(options);
  return running;
}

/** Waits until it holds; fails by the time limit of the test. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(10);
}

afterEach(async () => {
  await running?.server.stop(0);
  running = undefined;
});

describe('the cache server, to Nx', () => {
  it('gives back what was put, with its length and type', async () => {
    const { server, put } = await start();
    const bytes = randomBytes(3_000_000);
    expect((await put('123', bytes)).status).toBe(200);
    const response = await fetch(`${server.url}/v1/cache/123`, {
      headers: { authorization: `Bearer ${trustedToken}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-length')).toBe('3000000');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('answers a miss by 404 and a second PUT by 409, and keeps the first', async () => {
    const { put, get } = await start();
    expect((await get('1')).status).toBe(404);
    await put('1', 'first');
    expect((await put('1', 'second')).status).toBe(409);
    expect(await get('1')).toEqual({ status: 200, text: 'first' });
  });

  it('shows the text of a wrong token, whose type must be exactly text/plain', async () => {
    const { server, put, get } = await start();
    expect((await put('1', 'x', 'wrong')).status).toBe(401);
    expect((await get('1', `${trustedToken}.pr-1`)).status).toBe(401);
    const response = await fetch(`${server.url}/v1/cache/1`);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.text()).toMatch(/NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN/);
    expect(existsSync(join((running as RunningServer).folder, 'trusted'))).toBe(false);
  });

  it.each(['..', '%2e%2e%2fx', 'a%2Fb', '.hidden', 'a.b', 'a'.repeat(129), '%00', ''])(
    'takes "%s" for no hash',
    async (hash) => {
      const { server } = await start();
      const ask = (method: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          request(
            // As it is: fetch would tidy the path.
            { host: '127.0.0.1', port: new URL(server.url).port, path: `/v1/cache/${hash}`, method },
            (response) => resolve(response.resume().statusCode),
          )
            .setHeader('authorization', `Bearer ${trustedToken}`)
            .on('error', reject)
            .end(method === 'PUT' ? 'x' : undefined);
        });
      expect([await ask('PUT'), await ask('GET')]).toEqual([400, 400]);
    },
  );

  it('knows no other method and no other path', async () => {
    const { server } = await start();
    const headers = { authorization: `Bearer ${trustedToken}` };
    const status = async (method: string, path: string) =>
      (await fetch(`${server.url}${path}`, { method, headers })).status;
    expect(await status('DELETE', '/v1/cache/1')).toBe(405);
    expect(await status('POST', '/health')).toBe(405);
    expect(await status('GET', '/v1/cache/1/2')).toBe(404);
    expect(await status('GET', '/')).toBe(404);
    expect(await status('GET', '/health')).toBe(200);
  });

  it('refuses an empty body, which nothing could mend later', async () => {
    const { put, get } = await start();
    expect((await put('1', '')).status).toBe(400);
    expect((await get('1')).status).toBe(404);
  });
});

describe('scopes', () => {
  it('never serve what a pull request wrote to a trusted branch or to another pull request', async () => {
    const { put, get } = await start();
    expect((await put('1', 'poison', first)).status).toBe(200);
    expect(await get('1', first)).toEqual({ status: 200, text: 'poison' });
    for (const token of [trustedToken, readToken, second, pullRequestToken]) {
      expect((await get('1', token)).status).toBe(404);
    }
    expect((await put('1', 'sound')).status).toBe(200);
    for (const token of [trustedToken, readToken, first, second]) {
      expect(await get('1', token)).toEqual({ status: 200, text: 'sound' });
    }
  });

  it('let a pull request read what is trusted, and write nothing in its place', async () => {
    const { put, get, folder } = await start();
    await put('1', 'sound');
    expect((await put('1', 'poison', first)).status).toBe(409);
    expect(await get('1', first)).toEqual({ status: 200, text: 'sound' });
    expect(existsSync(join(folder, 'pull-request'))).toBe(false);
  });

  it('let the read token write nothing, without failing the task', async () => {
    const { put, get } = await start();
    expect((await put('1', 'x', readToken)).status).toBe(403);
    expect((await get('1')).status).toBe(404);
  });
});

describe('many at once', () => {
  it('50 clients read and write, one of all wins each entry', async () => {
    const { put, get, metric, spoolFolder } = await start({ maxUploads: 4, maxDownloads: 4 });
    const bodies = Array.from({ length: 50 }, (_, index) => `${index}`.repeat(50_000));
    const answers = await Promise.all(
      bodies.map(async (body, index) => [
        (await put(`own-${index}`, body)).status,
        (await put('shared', body)).status,
      ]),
    );
    expect(answers.map(([own]) => own)).toEqual(bodies.map(() => 200));
    const shared = answers.map(([, status]) => status);
    expect(shared.filter((status) => status === 200)).toHaveLength(1);
    expect(shared.filter((status) => status === 409)).toHaveLength(49);
    const read = await Promise.all(bodies.map((_, index) => get(`own-${index}`)));
    expect(read.map(({ text }) => text)).toEqual(bodies);
    const winner = bodies[shared.indexOf(200)];
    const all = await Promise.all(bodies.map(() => get('shared')));
    expect(all.every(({ text }) => text === winner)).toBe(true);
    expect(readdirSync(spoolFolder)).toEqual([]);
    expect(await metric('nx_mlops_cache_writes_total{scope="trusted"}')).toBe(51);
    expect(await metric('nx_mlops_cache_conflicts_total{scope="trusted"}')).toBe(49);
    expect(await metric('nx_mlops_cache_hits_total{scope="trusted"}')).toBe(100);
    expect(await metric('nx_mlops_cache_entries{scope="trusted"}')).toBe(51);
  }, 30_000);
});

describe('an upload', () => {
  it.each([
    ['with a length', 'content-length: 1000000\r\n\r\n'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n1000\r\n'],
  ])('that is cut off, %s, is never seen and leaves nothing', async (_, rest) => {
    const { server, get, put, spoolFolder, metric } = await start();
    const socket = createConnection(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `PUT /v1/cache/1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${trustedToken}\r\n${rest}half`,
    );
    await until(() => readdirSync(spoolFolder).length === 1);
    socket.destroy();
    await until(async () => (await metric('nx_mlops_cache_broken_off_total{direction="upload"}')) === 1);
    expect(readdirSync(spoolFolder)).toEqual([]);
    expect((await get('1')).status).toBe(404);
    expect((await put('1', 'whole')).status).toBe(200);
  });

  it('that stands still is given up', async () => {
    const { server, spoolFolder } = await start({ idleMs: 100 });
    const socket = createConnection(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined));
    socket.write(
      `PUT /v1/cache/1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${trustedToken}\r\ncontent-length: 9\r\n\r\nhalf`,
    );
    await closed;
    await until(() => readdirSync(spoolFolder).length === 0);
  });

  it.each([
    ['announced', undefined],
    ['found out midway', 'chunked'],
  ])('that is too big, %s, is refused so that Nx goes on', async (_, encoding) => {
    const { server, get, spoolFolder, metric } = await start({ maxEntryBytes: 1_000_000 });
    const body = randomBytes(3_000_000);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        `${server.url}/v1/cache/1`,
        { method: 'PUT', headers: { authorization: `Bearer ${trustedToken}` } },
        (response) => resolve(response.resume().statusCode),
      ).on('error', reject);
      if (encoding === undefined) sent.setHeader('content-length', body.length);
      sent.write(body);
      sent.end();
    });
    expect(status).toBe(403);
    expect((await get('1')).status).toBe(404);
    await until(() => readdirSync(spoolFolder).length === 0);
    expect(await metric('nx_mlops_cache_refusals_total{scope="trusted",reason="too-big"}')).toBe(1);
  });
});

describe('a store that fails', () => {
  const broken = (store: ObjectStore, names: readonly string[]): ObjectStore =>
    new Proxy(store, {
      get(target, name: keyof ObjectStore) {
        if (names.includes(name)) {
          return async () => {
            throw new MlopsError('MLOPS_REMOTE_UNREACHABLE', 'The store is away.');
          };
        }
        const value = target[name];
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });

  it.each([[['head']], [['put']], [['head', 'get', 'put']]])('in %j fails no build', async (names) => {
    const { put, metric, log, spoolFolder } = await start({ wrap: (store) => broken(store, names) });
    const answer = await put('1', 'x');
    expect(answer).toEqual({ status: 403, text: expect.stringMatching(/The store is away/) });
    expect(await metric('nx_mlops_cache_storage_errors_total')).toBe(1);
    expect(log.join('\n')).toMatch(/PUT 1 for trusted not taken in: .*The store is away/);
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  /** Whose bodies break off after a part, as often as told. */
  const breakingOff = (store: ObjectStore, times: number): ObjectStore =>
    new Proxy(store, {
      get(target, name: keyof ObjectStore) {
        if (name === 'get') {
          return async (...args: Parameters<ObjectStore['get']>) => {
            const found = await target.get(...args);
            if (found === undefined || times-- <= 0) return found;
            const part = async function* () {
              for await (const chunk of found.body) {
                yield (chunk as Buffer).subarray(0, 70_000);
                throw new Error('broke off');
              }
            };
            return { info: found.info, body: Readable.from(part()) };
          };
        }
        const value = target[name];
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });

  it.each([1, 3])('breaks off %i times, and the client sees nothing of it', async (times) => {
    const { put, get, metric } = await start({ wrap: (store) => breakingOff(store, times) });
    const body = randomBytes(300_000).toString('hex');
    await put('1', body);
    expect(await get('1')).toEqual({ status: 200, text: body });
    expect(await metric('nx_mlops_cache_hits_total{scope="trusted"}')).toBe(1);
  });

  it('breaks off again and again: the client sees that it has not all', async () => {
    const { put, get, metric } = await start({ wrap: (store) => breakingOff(store, 99) });
    await put('1', randomBytes(1_000_000));
    await expect(get('1')).rejects.toThrow();
    expect(await metric('nx_mlops_cache_broken_off_total{direction="download"}')).toBe(1);
    expect(await metric('nx_mlops_cache_hits_total{scope="trusted"}')).toBe(0);
  });

  it('makes a miss of a GET', async () => {
    const { get, metric } = await start({ wrap: (store) => broken(store, ['get']) });
    expect((await get('1')).status).toBe(404);
    expect(await metric('nx_mlops_cache_storage_errors_total')).toBe(1);
  });
});

describe('eviction', () => {
  const kilobyte = 'x'.repeat(1000);

  it('removes the longest unused of its kind, when a write passes the limit', async () => {
    const { put, get, cache, metric } = await start({ maxBytes: { trusted: 3000, 'pull-request': 3000 } });
    await put('mine', kilobyte, first);
    for (const hash of ['a', 'b', 'c']) await put(hash, kilobyte);
    await get('a');
    await put('d', kilobyte);
    await cache.settled();
    const status = async (hash: string) => (await get(hash)).status;
    expect([await status('a'), await status('b'), await status('c'), await status('d')]).toEqual([
      200, 404, 200, 200,
    ]);
    expect((await get('mine', first)).status).toBe(200);
    expect(await metric('nx_mlops_cache_evictions_total{scope="trusted"}')).toBe(1);
    expect(await metric('nx_mlops_cache_stored_bytes{scope="trusted"}')).toBe(3000);
    // What went may be written again.
    expect((await put('b', kilobyte)).status).toBe(200);
  });

  it('of pull requests is by what they have together, so that no number of names grows past it', async () => {
    const { put, cache, metric } = await start({ maxBytes: { trusted: 3000, 'pull-request': 3000 } });
    for (let name = 0; name < 8; name++) await put('1', kilobyte, `${pullRequestToken}.pr-${name}`);
    await cache.settled();
    expect(await metric('nx_mlops_cache_stored_bytes{scope="pull-request"}')).toBe(3000);
  });

  it('never removes what is being read', async () => {
    const big = randomBytes(20_000_000);
    const { server, put, get, cache } = await start({ maxBytes: { trusted: 20_000_500, 'pull-request': 1 } });
    await put('big', big);
    const response = await fetch(`${server.url}/v1/cache/big`, {
      headers: { authorization: `Bearer ${trustedToken}` },
    });
    await put('new', kilobyte);
    await cache.settled();
    // Not read to its end yet; the one that is not read had to go.
    expect((await get('new')).status).toBe(404);
    expect(Buffer.from(await response.arrayBuffer()).equals(big)).toBe(true);
    expect((await get('big')).status).toBe(200);
  });

  it('is free again to remove what a client stopped reading', async () => {
    const { server, put, cache, metric } = await start({
      maxBytes: { trusted: 20_000_500, 'pull-request': 1 },
    });
    await put('big', randomBytes(20_000_000));
    const abort = new AbortController();
    await fetch(`${server.url}/v1/cache/big`, {
      headers: { authorization: `Bearer ${trustedToken}` },
      signal: abort.signal,
    });
    abort.abort();
    await until(async () => (await metric('nx_mlops_cache_broken_off_total{direction="download"}')) === 1);
    await put('new', kilobyte);
    await cache.settled();
    expect(await metric('nx_mlops_cache_stored_bytes{scope="trusted"}')).toBe(1000);
  });

  it('goes on after a restart from what is there', async () => {
    const { put, folder, server } = await start();
    for (const hash of ['a', 'b', 'c']) {
      await put(hash, kilobyte);
      // The clock of the drive tells which was first.
      await setTimeout(20);
    }
    await server.stop(0);
    writeFileSync(join(folder, 'not an entry'), kilobyte);
    const after = await start({ folder, maxBytes: { trusted: 2000, 'pull-request': 2000 } });
    await after.cache.settled();
    const statuses = await Promise.all(['a', 'b', 'c'].map(async (hash) => (await after.get(hash)).status));
    expect(statuses).toEqual([404, 200, 200]);
    expect(existsSync(join(folder, 'not an entry'))).toBe(true);
  });
});

describe('metrics', () => {
  it('are text that Prometheus reads, without a token and without names of entries', async () => {
    const { server, put, get } = await start();
    await put('4711', 'x');
    await get('4711');
    await put('4711', 'x', readToken);
    await get('4711', 'wrong');
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    const text = await response.text();
    const lines = text.trimEnd().split('\n');
    expect(
      lines.filter((line) => !/^(# (HELP|TYPE) )?nx_mlops_cache_[a-z_]+(\{[^}]*\})? \S/.test(line)),
    ).toEqual([]);
    const names = lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(text).not.toContain('4711');
    expect(text).toContain('nx_mlops_cache_refusals_total{scope="trusted",reason="read-only"} 1\n');
    expect(text).toContain('nx_mlops_cache_unauthorized_total 1\n');
    expect(text).toContain('nx_mlops_cache_sent_bytes_total{scope="trusted"} 1\n');
    expect(text).toContain('nx_mlops_cache_hits_total{scope="pull-request"} 0\n');
  });
});

describe('stopping', () => {
  it('waits for an upload under way and takes no other', async () => {
    const { server, spoolFolder, folder } = await start();
    const answered = new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        `${server.url}/v1/cache/1`,
        { method: 'PUT', headers: { authorization: `Bearer ${trustedToken}` } },
        (response) => resolve(response.resume().statusCode),
      ).on('error', reject);
      sent.write('half');
      void (async () => {
        await until(() => readdirSync(spoolFolder).length === 1);
        const { url } = server;
        const stopped = server.stop(10_000);
        await expect(fetch(`${url}/health`)).rejects.toThrow();
        sent.end(' and half');
        await stopped;
      })().catch(reject);
    });
    expect(await answered).toBe(200);
    expect(existsSync(join(folder, 'trusted/1'))).toBe(true);
    running = undefined;
  });
});

describe('assertMayListen', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s needs no token', (host) => {
    assertMayListen(host, false);
  });
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'example.org', ''])(
    '"%s" needs tokens',
    (host) => {
      expect(() => assertMayListen(host, false)).toThrow(
        expect.objectContaining({ code: 'MLOPS_CACHE_OPEN' }),
      );
      assertMayListen(host, true);
    },
  );
});

describe('the spool', () => {
  it('clears what processes that are gone left, and nothing of those that live', async () => {
    const { folder } = await start();
    const spool = join(folder, '..', 'another spool');
    const gone = 2 ** 22 + 7;
    for (const name of [`${gone}`, `${process.pid}`, `${process.ppid}`]) {
      mkdirSync(join(spool, name), { recursive: true });
      writeFileSync(join(spool, name, 'left'), 'half');
    }
    await Spool.open(spool);
    expect(readdirSync(spool).sort()).toEqual([`${process.pid}`, `${process.ppid}`].sort());
    expect(readdirSync(join(spool, `${process.pid}`))).toEqual([]);
  });

  it('says so where its folder cannot be', async () => {
    const { folder } = await start();
    writeFileSync(join(folder, '..', 'a file'), '');
    await expect(Spool.open(join(folder, '..', 'a file'))).rejects.toMatchObject({
      code: 'MLOPS_CACHE_SPOOL',
    });
  });
});
