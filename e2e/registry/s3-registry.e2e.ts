import { createServer, request as httpRequest, type Server } from 'node:http';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjectStore } from '../../packages/core/src/object-store/open-object-store';
import { openRegistry } from '../../packages/core/src/registry/open-registry';
import { describeRegistryDriver } from '../../packages/core/src/registry/registry-driver-contract.fixture';
import { describeRegistryModel } from '../../packages/core/src/registry/registry-model.fixture';
import {
  describeRegistryProcesses,
  MODEL,
  withVersions,
} from '../../packages/core/src/registry/registry-processes.fixture';
import { inStore } from '../../packages/core/src/registry/shared-registries.fixture';
import { s3Credentials, startS3Server } from '../../tools/workspace/s3-server.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { freePort } from '../support';

/** The registry from source on a real S3 server: what every driver does, many processes at once, and what S3 refuses. */
const folder = join(repository, 'tmp/e2e/s3 registry');
const root = join(folder, 'a workspace');
let server: Awaited<ReturnType<typeof startS3Server>>;
let prefixes = 0;

const newUrl = () => `s3://models/a team/${++prefixes}`;
const place = async () => ({ config: { url: newUrl(), endpoint: server.endpoint }, root });
const shared = async () => {
  const url = newUrl();
  return inStore(() =>
    openObjectStore(url, { workspaceRoot: '/', endpoint: server.endpoint, environment: {} }),
  );
};

beforeAll(async () => {
  Object.assign(process.env, s3Credentials);
  await rm(folder, { recursive: true, force: true });
  server = await startS3Server(folder, await freePort(), { buckets: ['models'] });
}, 900_000);
afterAll(() => server?.stop());

describeRegistryDriver('ObjectRegistryDriver on S3', shared);
describeRegistryModel('a registry in S3', shared, { runs: 5, maxSteps: 15 });
describeRegistryProcesses('processes on a registry in S3', place, { rounds: 10, atOnce: 4, within: 300 });

describe('a store that refuses to write', () => {
  let refusing: Server | undefined;
  afterEach(() => refusing?.close());

  /** Passes reads on to the server and answers each write itself. */
  async function refusingWrites(status: number, code: string): Promise<string> {
    const port = await freePort();
    refusing = createServer((request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(status, { 'content-type': 'application/xml' });
        response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
        return;
      }
      // The host stays as the client wrote it, for it is signed.
      forward(request, response);
    });
    await new Promise<void>((resolve) => refusing?.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${port}`;
  }

  it.each([
    [403, 'AccessDenied', 'MLOPS_REMOTE_DENIED', /refuses these credentials \(AccessDenied\)/],
    [507, 'InsufficientStorage', 'MLOPS_REMOTE_FAILED', /no space is left in the store/],
  ])(
    'because of %i %s leaves the registry as it was, and readable',
    async (status, name, code, message) => {
      const { config } = await place();
      const registry = await withVersions({ config, root }, 2);
      await registry.deploy({ model: MODEL, environment: 'production', version: 1, actor: 'ada' });
      const before = await registry.events(MODEL);
      const limited = openRegistry({ ...config, endpoint: await refusingWrites(status, name) }, root);
      expect(await limited.events(MODEL)).toEqual(before);
      const refused = limited.deploy({ model: MODEL, environment: 'production', version: 2, actor: 'ada' });
      await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(await registry.events(MODEL)).toEqual(before);
      expect(
        await registry.deploy({ model: MODEL, environment: 'production', version: 2, actor: 'ada' }),
      ).toMatchObject({ changed: true });
    },
    60_000,
  );

  function forward(
    incoming: Parameters<NonNullable<Parameters<typeof createServer>[1]>>[0],
    outgoing: Parameters<NonNullable<Parameters<typeof createServer>[1]>>[1],
  ): void {
    const target = new URL(incoming.url ?? '/', server.endpoint);
    const onward = httpRequest(
      {
        ...{ host: target.hostname, port: target.port, path: incoming.url },
        ...{ method: incoming.method, headers: incoming.headers },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  }
});
