import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { eventually, workspaceFor } from '../support';
import { CacheServerProcess, pullRequestToken, trustedToken } from './cache-server-process';

const MB = 1_000_000;
const CLIENTS = 50;
const store = join(repository, 'tmp/e2e/a loaded cache');
const spool = join(repository, 'tmp/e2e/a spool of a loaded cache');

/** The cache server as it is installed, before many builds, big entries and a bad night. */
describe('a cache server under load', () => {
  let workspace: Workspace;
  let server: CacheServerProcess;

  beforeAll(async () => {
    await rm(store, { recursive: true, force: true });
    await rm(spool, { recursive: true, force: true });
    workspace = await workspaceFor('cache under load', { daemon: false });
    await start();
  }, 900_000);
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await rm(store, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    server = await CacheServerProcess.start(workspace, store, `--spool=${spool}`);
  }

  const as = (token: string) => ({ authorization: `Bearer ${token}` });

  it(`serves ${CLIENTS} clients at once: of those that race for an entry one is taken, and all read that one`, async () => {
    const bodies = new Map<string, string>();
    const client = async (number: number) => {
      // A fifth of them races for the same entries; every second one is a pull request, with a scope of its own.
      const isTrusted = number % 2 === 0;
      const headers = as(isTrusted ? trustedToken : `${pullRequestToken}.pr-${number}`);
      for (let round = 0; round < 10; round++) {
        const hash = number % 5 === 0 ? `shared-${isTrusted}-${round}` : `own-${number}-${round}`;
        const body = randomBytes(MB / 4);
        const put = await fetch(server.entry(hash), { method: 'PUT', headers, body });
        expect([200, 409]).toContain(put.status);
        const got = await fetch(server.entry(hash), { headers });
        expect(got.status).toBe(200);
        const read = digestOf(Buffer.from(await got.arrayBuffer()));
        if (put.status === 200) expect(read).toBe(digestOf(body));
        const key = isTrusted ? hash : `${number} ${hash}`;
        expect(bodies.get(key) ?? read).toBe(read);
        bodies.set(key, read);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
    expect(bodies.size).toBeGreaterThan(CLIENTS * 8);
  });

  const linux = existsSync('/proc/self/status') ? it : it.skip;
  linux('takes and gives an entry of 1 GB in the memory that it has anyway', async () => {
    const before = server.peakMemory();
    const digest = createHash('sha256');
    const part = randomBytes(MB);
    function* parts() {
      for (let count = 0; count < 1000; count++) {
        digest.update(part);
        yield part;
      }
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(server.entry('huge'), { method: 'PUT', headers: as(trustedToken) }, (response) =>
        resolve(response.resume().statusCode),
      ).on('error', reject);
      Readable.from(parts()).pipe(sent);
    });
    expect(status).toBe(200);
    const received = createHash('sha256');
    const response = await fetch(server.entry('huge'), { headers: as(trustedToken) });
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) received.update(chunk);
    expect(received.digest('hex')).toBe(digest.digest('hex'));
    expect(server.peakMemory() - before).toBeLessThan(150 * MB);
  });

  it('killed amid an upload has nothing half, and what was whole, after it starts again', async () => {
    const headers = as(trustedToken);
    await fetch(server.entry('whole'), { method: 'PUT', headers, body: 'whole' });
    const sent = request(server.entry('half'), { method: 'PUT', headers });
    sent.on('error', () => undefined);
    sent.write(randomBytes(MB));
    const uploads = () => readdirSync(spool).flatMap((folder) => readdirSync(join(spool, folder)));
    await eventually(async () => (uploads().length > 0 ? true : undefined));
    await server.kill();
    expect(uploads().length).toBeGreaterThan(0);

    await start();
    expect(uploads()).toEqual([]);
    expect((await fetch(server.entry('half'), { headers })).status).toBe(404);
    expect(await (await fetch(server.entry('whole'), { headers })).text()).toBe('whole');
    const again = await fetch(server.entry('half'), { method: 'PUT', headers, body: 'now whole' });
    expect(again.status).toBe(200);
  });
});

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
