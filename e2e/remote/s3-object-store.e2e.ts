import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjectStore } from '../../packages/core/src/object-store/open-object-store';
import { describeObjectStore } from '../../packages/core/src/object-store/object-store-contract.fixture';
import { s3Credentials, startS3Server } from '../../tools/workspace/s3-server.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { freePort } from '../support';

/** The driver from source against a real server: what every object store does, and what S3 says when it fails. */
const folder = join(repository, 'tmp/e2e/s3 objects');
let server: Awaited<ReturnType<typeof startS3Server>>;
let prefixes = 0;

const open = (url: string, endpoint = server.endpoint) =>
  openObjectStore(url, { workspaceRoot: '/', endpoint, environment: {} });

beforeAll(async () => {
  Object.assign(process.env, s3Credentials);
  await rm(folder, { recursive: true, force: true });
  server = await startS3Server(folder, await freePort(), { buckets: ['data'] });
}, 900_000);
afterAll(() => server?.stop());

describeObjectStore('S3ObjectStore', async () => open(`s3://data/a prefix/${++prefixes}`));

describe('a store in S3', () => {
  const bytes = new TextEncoder().encode('hello');

  it('lists and deletes more than a page', async () => {
    const store = open('s3://data/pages');
    const keys = Array.from({ length: 1050 }, (_, index) => `k/${String(index).padStart(5, '0')}`);
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(keys.slice(start, start + 50).map((key) => store.put(key, bytes)));
    }
    const listed: string[] = [];
    for await (const { key } of store.list('k/')) listed.push(key);
    expect(listed).toEqual(keys);
    await store.delete(keys);
    for await (const { key } of store.list('')) throw new Error(`${key} is still there`);
  });

  it('says that there is no such bucket', async () => {
    const store = open('s3://no-such-bucket/x');
    const refused = { code: 'MLOPS_REMOTE_NOT_FOUND', message: expect.stringMatching(/no such bucket/) };
    await expect(store.put('a', bytes)).rejects.toMatchObject(refused);
    await expect(store.get('a')).rejects.toMatchObject(refused);
    await expect(store.head('a')).rejects.toMatchObject(refused);
  });

  it('says that these credentials are refused', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'another';
    try {
      await expect(open('s3://data/x').put('a', bytes)).rejects.toMatchObject({
        code: 'MLOPS_REMOTE_DENIED',
        message: expect.stringMatching(/refuses these credentials/),
      });
    } finally {
      Object.assign(process.env, s3Credentials);
    }
  });

  it('says that there are no credentials', async () => {
    const { HOME } = process.env;
    Object.assign(process.env, { HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' });
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    try {
      await expect(open('s3://data/x').put('a', bytes)).rejects.toMatchObject({
        code: 'MLOPS_REMOTE_DENIED',
        message: expect.stringMatching(/no credentials.*AWS_ACCESS_KEY_ID/),
      });
    } finally {
      Object.assign(process.env, s3Credentials, { HOME });
    }
  });

  it('says that the endpoint does not answer', async () => {
    const store = open('s3://data/x', `http://127.0.0.1:${await freePort()}`);
    await expect(store.head('a')).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_UNREACHABLE',
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });
});
