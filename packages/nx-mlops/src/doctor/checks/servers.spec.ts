import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { examine, type Files } from '../examine.fixture';
import { nxCacheCheck } from './nx-cache';
import { targetServersCheck } from './target-servers';
import { trafficCheck } from './traffic';

/** Knows one token, and is ready or not. */
let server: Server;
let address = '';
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const token = request.headers.authorization;
    if (request.url === '/v2/health/ready') response.statusCode = 200;
    else if (request.url === '/busy/v1/cache/00000000000000000000') response.statusCode = 500;
    else if (request.url?.startsWith('/open/') === true) response.statusCode = 404;
    else response.statusCode = token === 'Bearer good-token' ? 404 : token === undefined ? 401 : 403;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const TOKEN = 'NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN';

it.each<[string, string | undefined, NodeJS.ProcessEnv, RegExp]>([
  ['no server', undefined, {}, /^skipped Nx remote cache/],
  [
    'a token alone',
    undefined,
    { [TOKEN]: 'good-token' },
    /^warning .* is set and NX_SELF_HOSTED_REMOTE_CACHE_SERVER is not/,
  ],
  [
    'a server and its token',
    '',
    { [TOKEN]: 'good-token' },
    /^ok Nx remote cache: 127\.0\.0\.1:\d+ answers and takes the token$/,
  ],
  ['a slash at the end', '/', { [TOKEN]: 'good-token' }, /^ok /],
  ['another token', '', { [TOKEN]: 'other-token' }, /^problem .* refuses the token .*\(403\)/],
  ['no token', '', {}, /^problem .* wants a token \(401\)/],
  ['an open server', '/open', {}, /^warning .* lets everybody read/],
  ['a server in trouble', '/busy', { [TOKEN]: 'good-token' }, /^warning .* answers 500 where 404/],
])('Nx cache: %s', async (_, path, env, line) => {
  const where = path === undefined ? {} : { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `${address}${path}` };
  expect(await examine(nxCacheCheck, { env: { ...where, ...env } })).toEqual([expect.stringMatching(line)]);
});

it.each([
  ['nothing listens', 'http://127.0.0.1:1', /^warning Nx remote cache: 127\.0\.0\.1:1 does not answer \(\w+/],
  ['no address', 'cache.example.org', /^problem .* is no address/],
])('Nx cache: %s', async (_, where, line) => {
  expect(await examine(nxCacheCheck, { env: { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: where } })).toEqual([
    expect.stringMatching(line),
  ]);
});

const environment = (rest: object): Files => ({
  'mlops.json': { environments: [{ name: 'production', ...rest }] },
});

it('asks the servers of targets whether they are ready', async () => {
  const at = (url: string) => environment({ target: { type: 'local', url } });
  expect(await examine(targetServersCheck, { files: at(address) })).toEqual([
    `ok server: ${address} of "production" is ready`,
  ]);
  expect(asked).toContain('GET /v2/health/ready');
  expect(await examine(targetServersCheck, { files: at('http://127.0.0.1:1') })).toEqual([
    expect.stringMatching(
      /^warning server: http:\/\/127\.0\.0\.1:1 of "production" does not answer \(.*\) -> Start it/,
    ),
  ]);
  expect(await examine(targetServersCheck, { files: environment({}) })).toEqual([
    expect.stringMatching(/^skipped server/),
  ]);
});

it.each<[string, Files, RegExp]>([
  ['direct', environment({}), /^skipped traffic feed: no strategy/],
  ['blue-green without a feed', environment({ strategy: { type: 'blue-green' } }), /^skipped/],
  [
    'canary without a feed',
    environment({ strategy: { type: 'canary' } }),
    /^problem traffic feed: the canary of "production"/,
  ],
  [
    'canary of approvals alone',
    environment({ strategy: { type: 'canary', steps: [{ approval: true }] } }),
    /^skipped/,
  ],
  [
    'canary whose feed is missing',
    environment({ strategy: { type: 'canary' }, traffic: 'file:live.jsonl' }),
    /^warning traffic feed: file:live\.jsonl of "production" is not on this machine/,
  ],
  [
    'canary with its feed',
    { ...environment({ strategy: { type: 'canary' }, traffic: 'file:live.jsonl' }), 'live.jsonl': '' },
    /^ok traffic feed: "production": file:live\.jsonl$/,
  ],
])('traffic: %s', async (_, files, line) => {
  expect(await examine(trafficCheck, { files })).toEqual([expect.stringMatching(line)]);
});
