import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjectStore } from '../../packages/core/src/object-store/open-object-store';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { s3Credentials, startS3Server } from '../../tools/workspace/s3-server.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { freePort, workspaceFor } from '../support';
import { CountingProxy } from './counting-proxy';

const serverFolder = join(repository, 'tmp/e2e/s3 of sources');

/** A dataset whose source is all objects below a prefix of a bucket, on a real server. */
describe('a source in S3', () => {
  let server: Awaited<ReturnType<typeof startS3Server>>;
  let proxy: CountingProxy;
  let workspace: Workspace;
  const bucket = () =>
    openObjectStore('s3://raw', { workspaceRoot: '/', endpoint: server.endpoint, environment: {} });
  const put = (key: string, rows: string) => bucket().put(key, Buffer.from(`id,amount\n${rows}\n`));
  const lock = (...args: string[]) => workspace.nx(['run', 'tickets:lock', ...args]);
  const mustLock = async (...args: string[]) => {
    const { code, output } = await lock(...args);
    expect({ code, output }).toMatchObject({ code: 0 });
    return output;
  };
  const lockedPaths = async () =>
    (await workspace.readJson('tickets/dataset.lock.json')).sources.raw.files.map(
      ({ path }: { path: string }) => path,
    );
  /** Of objects that were asked for with their bytes. */
  const fetched = () =>
    proxy.passed
      .filter(({ method, path }) => method === 'GET' && path.endsWith('.csv'))
      .map(({ path }) => path);

  beforeAll(async () => {
    Object.assign(process.env, s3Credentials);
    await rm(serverFolder, { recursive: true, force: true });
    server = await startS3Server(serverFolder, await freePort(), { buckets: ['raw'] });
    proxy = await CountingProxy.start(server.endpoint, await freePort());
    await put('tickets/2001.csv', '1,10');
    await put('tickets/deep/2002.csv', '2,20');
    await put('elsewhere/2003.csv', '3,30');
    workspace = await workspaceFor('s3 sources', { daemon: false });
    Object.assign(workspace.env, s3Credentials, { AWS_ENDPOINT_URL_S3: proxy.endpoint });
    await workspace.mustNx(['g', 'nx-mlops:init']);
    await workspace.write(
      'tickets/dataset.config.json',
      JSON.stringify({ sources: { raw: { path: 's3://raw/tickets/' } }, splits: { all: { where: 'true' } } }),
    );
    await workspace.commit('A dataset');
  }, 900_000);
  afterAll(async () => {
    proxy?.stop();
    await server?.stop();
  });

  it('is locked, and fetched once', async () => {
    const output = await mustLock();
    expect(output).not.toMatch(/AWS SDK|Warning/);
    expect(await lockedPaths()).toEqual(['s3://raw/tickets/2001.csv', 's3://raw/tickets/deep/2002.csv']);
    expect(fetched().sort()).toEqual(['/raw/tickets/2001.csv', '/raw/tickets/deep/2002.csv']);
    proxy.reset();
    await mustLock();
    expect(await mustLock('--check')).toMatch(/2/);
    expect(fetched()).toEqual([]);
  });

  it('is prepared from what was locked', async () => {
    await workspace.mustNx(['run', 'tickets:prepare']);
    const manifest = await workspace.readJson('tickets/.mlops/prepared/dataset.manifest.json');
    expect(manifest.splits.all.rows).toBe(2);
    expect(fetched()).toEqual([]);
  });

  it('is told from the lock when an object has changed, and locked anew with that one fetched', async () => {
    await put('tickets/2001.csv', '1,11');
    await put('tickets/2004.csv', '4,40');
    const { code, output } = await lock('--check');
    expect(code).not.toBe(0);
    expect(output).toMatch(/MLOPS_LOCK_MISMATCH/);
    expect(output).toMatch(/s3:\/\/raw\/tickets\/2001\.csv has changed since it was locked/);
    expect(output).toMatch(/s3:\/\/raw\/tickets\/2004\.csv \(source "raw"\) is not in the lock/);
    proxy.reset();
    await mustLock();
    expect(fetched().sort()).toEqual(['/raw/tickets/2001.csv', '/raw/tickets/2004.csv']);
    await mustLock('--check');
  });

  it('is told from the lock when an object is missing', async () => {
    await bucket().delete(['tickets/2004.csv']);
    const { code, output } = await lock('--check');
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /s3:\/\/raw\/tickets\/2004\.csv \(source "raw"\) is in the lock but not at its server/,
    );
    await mustLock();
    expect(await lockedPaths()).toEqual(['s3://raw/tickets/2001.csv', 's3://raw/tickets/deep/2002.csv']);
  });

  it('gives no other data than was locked', async () => {
    await put('tickets/2001.csv', '1,12');
    // As on another machine, which must fetch it.
    for (const folder of ['.mlops', 'tickets/.mlops', '.nx'])
      await rm(workspace.path(folder), { recursive: true, force: true });
    const { code, output } = await workspace.nx(['run', 'tickets:prepare']);
    expect(code).not.toBe(0);
    expect(output).toMatch(/MLOPS_SOURCE_CHANGED.*s3:\/\/raw\/tickets\/2001\.csv/s);
    expect(existsSync(workspace.path('tickets/.mlops/prepared/dataset.manifest.json'))).toBe(false);
    await mustLock();
  });

  it.each([
    ['s3://raw/tickets/none.csv', /MLOPS_\w+ .*s3:\/\/raw\/tickets\/none\.csv.*no such object/],
    ['s3://raw/none/', /MLOPS_\w+ .*s3:\/\/raw\/none\/.*no object begins with it/],
    ['s3://no-such-bucket/a.csv', /MLOPS_REMOTE_NOT_FOUND .*s3:\/\/no-such-bucket.*no such bucket/],
  ])('%s is told as missing, and the lock stays', async (address, told) => {
    const before = await workspace.read('tickets/dataset.lock.json');
    const config = await workspace.read('tickets/dataset.config.json');
    await workspace.write('tickets/dataset.config.json', config.replace('s3://raw/tickets/', address));
    const { code, output } = await lock();
    await workspace.write('tickets/dataset.config.json', config);
    expect(code).not.toBe(0);
    expect(output).toMatch(told);
    expect(await workspace.read('tickets/dataset.lock.json')).toBe(before);
  });

  it.each([[[]], [['--check']]])(
    'says in one paragraph that there are no credentials (lock %j)',
    async (args) => {
      const env = {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/nowhere/config',
        AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
      };
      const { code, output } = await workspace.nx(['run', 'tickets:lock', ...args], { env });
      expect(code).not.toBe(0);
      const paragraph = output.split('\n').filter((line) => /MLOPS_/.test(line));
      expect(paragraph).toEqual([
        expect.stringMatching(
          /MLOPS_REMOTE_DENIED .*s3:\/\/raw.*no credentials.*AWS_ACCESS_KEY_ID.*AWS_PROFILE/,
        ),
      ]);
      // No stack, no other error beside it.
      expect(output).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
    },
  );
});
