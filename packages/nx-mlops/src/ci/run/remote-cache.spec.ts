import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chooseRemoteCache, hasNxCloud } from './remote-cache';

const servers: Server[] = [];

/** Answers with this status, or never where it is undefined. */
async function serverAnswering(status: number | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    if (status !== undefined) response.writeHead(status).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const choice = (url: string) => chooseRemoteCache({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url }, {});

it.each([200, 401, 404])('takes a server that answers with %d', async (status) => {
  const url = await serverAnswering(status);
  expect(await choice(url)).toEqual({ kind: 'server', url });
});

it.each([
  ['has an error', 503, /status 503/],
  ['says nothing', undefined, /does not answer/],
])('leaves out one that %s', async (_what, status, because) => {
  expect(await choice(await serverAnswering(status))).toEqual({
    kind: 'embedded',
    because: expect.stringMatching(because),
  });
});

it('leaves out one that is not there, and takes ours where none is set', async () => {
  expect(await choice('http://127.0.0.1:9')).toMatchObject({ because: expect.stringMatching(/does not/) });
  expect(await choice(' ')).toEqual({ kind: 'embedded' });
});

it.each([
  [{}, { nxCloudId: 'x' }, true],
  [{}, { nxCloudAccessToken: 'x' }, true],
  [{ NX_CLOUD_ACCESS_TOKEN: 'x' }, {}, true],
  [{ NX_CLOUD_ACCESS_TOKEN: '' }, { nxCloudId: '' }, false],
  [{ NX_NO_CLOUD: 'true' }, { nxCloudId: 'x' }, false],
  [{}, undefined, false],
])('Nx Cloud of %j and %j: %s', (env, nxJson, expected) => {
  expect(hasNxCloud(env, nxJson)).toBe(expected);
});
