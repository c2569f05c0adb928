import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { mustRun } from '../../tools/workspace/run.mjs';
import { s3Credentials, startS3Server } from '../../tools/workspace/s3-server.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { freePort, taskOutcomes, workspaceFor } from '../support';
import { CacheServer } from './cache-server';
import { CountingProxy } from './counting-proxy';
import { killNxWhen } from './kill-nx-when';

const MB = 1024 * 1024;
const serverFolder = join(repository, 'tmp/e2e/s3 of two clones');
const folderRemote = join(repository, 'tmp/e2e/a shared folder');

/** Two clones at two paths share an Nx cache and a remote: data moves when a task needs it, and only what it needs. */
describe.each(['s3', 'file'] as const)('two clones and one remote (%s)', (kind) => {
  let server: Awaited<ReturnType<typeof startS3Server>> | undefined;
  let proxy: CountingProxy | undefined;
  let cache: CacheServer;
  let a: Workspace;
  let b: Workspace;
  const objects = () => (kind === 's3' ? join(serverFolder, 'objects/data/team') : folderRemote);

  beforeAll(async () => {
    for (const folder of [serverFolder, folderRemote]) await rm(folder, { recursive: true, force: true });
    a = await workspaceFor(`clone a ${kind}`, { daemon: false });
    cache = await CacheServer.start(await freePort());
    const shared = {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: cache.url,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'of the test',
    };
    Object.assign(a.env, shared);
    if (kind === 's3') {
      server = await startS3Server(serverFolder, await freePort(), { buckets: ['data'] });
      proxy = await CountingProxy.start(server.endpoint, await freePort());
      Object.assign(a.env, s3Credentials, { AWS_ENDPOINT_URL_S3: proxy.endpoint });
    }
    await a.mustNx(['g', 'nx-mlops:init']);
    await a.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
    await a.edit('mlops.json', (text) =>
      text.replace(
        '{',
        `{ "remote": ${JSON.stringify(kind === 's3' ? 's3://data/team' : `file:${folderRemote}`)},`,
      ),
    );
    await a.commit('A model and a remote');
  }, 900_000);
  afterAll(async () => {
    cache.stop();
    proxy?.stop();
    await server?.stop();
  });

  /** Names of the objects in the remote. */
  const names = async () =>
    (await readdir(objects(), { recursive: true })).map((name) => name.replaceAll('\\', '/'));

  it('clone A evaluates and pushes', async () => {
    await a.mustNx(['run', 'demo:evaluate']);
    const first = await a.mustNx(['run', 'demo-data:push']);
    expect(first.output).toMatch(/Pushed .* \d+ files/);
    expect(first.output).not.toMatch(/AWS SDK/);
    const again = await a.mustNx(['run', 'demo-data:push']);
    expect(again.output).toMatch(/: 0 files, 0 (B|bytes)/);
    await a.commit('The lock');
  });

  it('clone B, on another path, has all from the cache: no byte of data moves', async () => {
    const folder = join(repository, 'tmp/e2e', `${kind} another place`, 'clone b');
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, '..'), { recursive: true });
    await mustRun('git', ['clone', '-q', a.folder, folder]);
    await mustRun('cp', ['-al', a.path('node_modules'), folder]).catch(() =>
      cp(a.path('node_modules'), join(folder, 'node_modules'), { recursive: true }),
    );
    b = new Workspace(folder, false, false);
    Object.assign(b.env, {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: cache.url,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'of the test',
      AWS_ENDPOINT_URL_S3: proxy?.endpoint,
      ...s3Credentials,
    });
    proxy?.reset();
    const { output } = await b.mustNx(['run', 'demo:evaluate']);
    expect(new Set(Object.values(taskOutcomes(output)))).toEqual(new Set(['cached']));
    expect(proxy?.passed ?? []).toEqual([]);
    expect(existsSync(b.path('.mlops/store'))).toBe(false);
  });

  it('a miss in clone B fetches the split that it needs, and no other', async () => {
    await b.edit('demo/model.config.json', (text) => text.replace(', "macro-f1"', ''));
    proxy?.reset();
    const { output } = await b.mustNx(['run', 'demo:evaluate']);
    expect(taskOutcomes(output)['demo:evaluate']).toBe('ran');
    expect(taskOutcomes(output)['demo:train']).toBe('cached');
    expect(output).toMatch(/Fetched .*:test from/);
    const manifest = await b.readJson(`demo-data/.mlops/prepared/dataset.manifest.json`);
    const stored = (await readdir(b.path('.mlops/store/sha256'), { recursive: true })).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    );
    expect(stored.map((name) => name.slice(-64))).toEqual([manifest.splits.test.file.sha256]);
    if (proxy !== undefined) {
      const data = proxy.passed.filter(({ path }) => /\/(blobs|packs\/[0-9a-f]{64})/.test(path));
      const bytes = data.reduce((sum, { received }) => sum + received, 0);
      expect(bytes).toBe(manifest.splits.test.file.size);
    }
  });

  // Only the proxy before the S3 server makes a transfer slow enough to be killed midway.
  describe(kind === 's3' ? 'transfers that are killed twice' : 'transfers of big files', () => {
    const sizes = [24 * MB, 24 * MB, 24 * MB];
    const files = sizes.map((_, index) => `big/raw/${index}.csv`);

    beforeAll(async () => {
      await a.write(
        'big/dataset.config.json',
        JSON.stringify({ sources: { raw: { path: 'raw/*.csv' } }, splits: { train: { fraction: 1 } } }),
      );
      await a.write('big/.gitignore', 'raw/\n');
      for (const [index, file] of files.entries()) {
        await a.write(file, '');
        await writeFile(a.path(file), `x\n${randomBytes((sizes[index] as number) / 2).toString('hex')}\n`);
      }
      await a.mustNx(['run', 'big:lock']);
      await a.commit('Much data');
      await b.git('pull', '-q');
    });

    const blobs = async () => (await names()).filter((name) => /^blobs\/.*[0-9a-f]{64}$/.test(name));
    const incoming = async () => {
      const folder = b.path('.mlops/store/incoming');
      const parts = existsSync(folder) ? await readdir(folder) : [];
      const all = await Promise.all(parts.map((name) => stat(join(folder, name)).catch(() => undefined)));
      return all.reduce((sum, info) => sum + (info?.size ?? 0), 0);
    };

    it('a push goes on where it was stopped, nothing is half there, and another has nothing to do', async () => {
      const before = (await blobs()).length;
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      /** Bytes of blobs that the server has said it has: whole parts and files. */
      const kept = () =>
        (proxy?.passed ?? [])
          .filter(
            ({ method, path, status }) => method === 'PUT' && path.includes('/blobs/') && status === 200,
          )
          .reduce((sum, one) => sum + one.sent, 0);
      if (proxy !== undefined) {
        proxy.delay = 4;
        proxy.reset();
        for (const step of [1, 2]) {
          await killNxWhen(a, ['run', 'big:push'], async () => kept() > step * 12 * MB);
          for (const name of await blobs()) {
            expect((await stat(join(objects(), name))).size).toBeGreaterThan(0);
          }
        }
        proxy.delay = 0;
      }
      await a.mustNx(['run', 'big:push']);
      expect((await blobs()).length - before).toBe(files.length);
      if (proxy !== undefined) {
        // Nothing that the server had was sent again. What was on its way at a kill had to be, and is not counted.
        expect(kept()).toBeGreaterThan(bytes * 0.5);
        expect(kept()).toBeLessThan(bytes * 1.01);
      }
      expect((await a.mustNx(['run', 'big:push'])).output).toMatch(/: 0 files, 0 (B|bytes)/);
    });

    it('a pull goes on where it was stopped, takes nothing half, and another has nothing to do', async () => {
      if (proxy !== undefined) {
        proxy.delay = 4;
        proxy.reset();
        for (const step of [1, 2]) {
          await killNxWhen(b, ['run', 'big:pull'], async () => (await incoming()) > step * 8 * MB);
          for (const file of files) expect(existsSync(b.path(file))).toBe(false);
        }
        proxy.delay = 0;
      }
      await b.mustNx(['run', 'big:pull']);
      for (const file of files) {
        expect((await readFile(b.path(file))).equals(await readFile(a.path(file)))).toBe(true);
      }
      if (proxy !== undefined) {
        expect(
          proxy.passed.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length,
        ).toBeGreaterThan(3);
      }
      expect((await b.mustNx(['run', 'big:pull'])).output).toMatch(/0 files brought into place/);
    });

    it('a flipped byte in the remote is found, named, and nothing of it is taken', async () => {
      const [name] = (await blobs()) as [string];
      const file = join(objects(), name);
      const bytes = await readFile(file);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      await rm(file, { force: true });
      await writeFile(file, bytes);
      await rm(b.path('big/raw'), { recursive: true });
      await rm(b.path('.mlops/store'), { recursive: true });
      const { code, output } = await b.nx(['run', 'big:pull']);
      expect(code).not.toBe(0);
      expect(output).toMatch(/MLOPS_REMOTE_CORRUPT/);
      expect(output).toContain(name);
      expect(existsSync(b.path('.mlops/store/sha256', name.slice(-64, -62), name.slice(-64)))).toBe(false);
    });

    it('gc --dry-run tells what no branch needs', async () => {
      const { output } = await mustRun(
        process.execPath,
        [
          a.path('node_modules/nx-mlops/dist/bin/nx-mlops.js'),
          'gc',
          '--remote',
          '--dry-run',
          '--keep-days',
          '0',
        ],
        {
          cwd: a.folder,
          env: { ...a.env },
        },
      );
      expect(output).toMatch(/Nothing was removed \(--dry-run\)/);
    });
  });
});
