import { FileObjectStore, sha256OfBytes, type DatasetConfig, type ObjectStore } from '@nx-mlops/core';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { gzipSync } from 'node:zlib';
import { readLockOrFail } from '../lock/check-lock';
import { inspectLock } from '../lock/inspect-lock';
import { localSources } from './local-sources';
import { lockDataset } from '../lock/lock-dataset';
import { openStore } from '../store';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

tmp.setGracefulCleanup();

/** A server on this machine whose files a test changes; it counts what it is asked and what it sends. */
class FileServer {
  readonly files = new Map<string, { bytes: Buffer; etag?: string; modified?: string }>();
  readonly requests: string[] = [];
  sent = 0;
  /** Bytes after which the next answers break off. */
  breaksAfter: number[] = [];
  /** Answers instead, when set. */
  answer: RequestListener | undefined;
  private readonly server: Server = createServer((request, response) => {
    const path = decodeURI(request.url ?? '').replace(/\?.*/, '');
    this.requests.push(
      `${request.method} ${path}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`,
    );
    if (this.answer !== undefined) return this.answer(request, response);
    const file = this.files.get(path);
    if (file === undefined) return void response.writeHead(404).end('none');
    const { bytes, etag, modified } = file;
    const headers = {
      ...(etag === undefined ? {} : { etag }),
      ...(modified === undefined ? {} : { 'last-modified': modified }),
    };
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const resumes = start > 0 && request.headers['if-range'] === (etag ?? modified);
    const part = bytes.subarray(resumes ? start : 0);
    response.writeHead(resumes ? 206 : 200, {
      ...headers,
      'content-length': part.length,
      ...(resumes ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (request.method === 'HEAD') return void response.end();
    const cut = this.breaksAfter.shift();
    if (cut === undefined) {
      this.sent += part.length;
      return void response.end(part);
    }
    this.sent += cut;
    response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 250));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('sources at an address', () => {
  let server: FileServer;
  let origin: string;
  let bucket: string;
  let dataset: TemporaryDataset;
  let config: DatasetConfig;
  const openBucket = async (address: string): Promise<ObjectStore> => {
    expect(address).toBe('s3://bucket');
    return new FileObjectStore(bucket);
  };
  const use = (path: string | string[], format?: 'csv' | 'files') => {
    config = { ...dataset.config, sources: { raw: { path, ...(format === undefined ? {} : { format }) } } };
  };
  const lock = async (signal?: AbortSignal) => ({
    ...(await lockDataset(dataset.project, config, { ...dataset.io, signal, openBucket })),
    lock: await readLockOrFail(dataset.project),
  });
  const inspect = () => inspectLock(dataset.project, config, { ...dataset.io, openBucket });
  const local = async () => {
    const { store } = await openStore(dataset.project.workspaceRoot);
    const sources = await localSources(dataset.project, config, { store, openBucket });
    return sources.get('raw');
  };
  const put = (key: string, content: string) => {
    mkdirSync(dirname(join(bucket, key)), { recursive: true });
    writeFileSync(join(bucket, key), content);
  };
  const big = Buffer.from(csvRows(1, 20_000));

  beforeEach(async () => {
    server = new FileServer();
    origin = await server.start();
    bucket = tmp.dirSync({ unsafeCleanup: true, prefix: 'a bucket ' }).name;
    dataset = temporaryDataset({ sources: { raw: { path: 'x' } }, splits: { all: { fraction: 1 } } });
  });
  afterEach(() => server.stop());

  it('are fetched once, and not again while the server says that they are as they were', async () => {
    server.files.set('/a b.csv', { bytes: big, etag: '"1"' });
    const address = `${origin}/a%20b.csv`;
    use(address);
    const first = await lock();
    expect(first.lock.sources['raw']?.files).toEqual([
      { path: address, sha256: sha256OfBytes(big), size: big.length, etag: '"1"' },
    ]);
    expect(first.fetched).toEqual({ files: 1, bytes: big.length });
    expect(await lock()).toMatchObject({ written: false, fetched: { files: 0, bytes: 0 } });
    expect(server.sent).toBe(big.length);
    expect(await inspect()).toEqual({ verified: 1, unverified: 0, absent: 0 });
    const table = await local();
    expect(table?.format).toBe('csv');
    expect(readFileSync(table?.files[0] as string)).toEqual(big);
    expect(server.sent).toBe(big.length);
  });

  it('are prepared like files', async () => {
    server.files.set('/rows.csv', { bytes: big, etag: '"1"' });
    dataset = temporaryDataset({
      sources: { raw: { path: `${origin}/rows.csv` } },
      splits: { all: { fraction: 1 } },
    });
    await dataset.lock();
    expect((await dataset.prepare()).splits['all']?.rows).toBe(20_000);
  });

  it('are told by their date where the server has no etag', async () => {
    server.files.set('/a.csv', { bytes: big, modified: 'Wed, 01 Jan 2020 00:00:00 GMT' });
    use(`${origin}/a.csv`);
    await lock();
    await lock();
    expect(server.sent).toBe(big.length);
    server.files.set('/a.csv', { bytes: Buffer.from('new'), modified: 'Thu, 02 Jan 2020 00:00:00 GMT' });
    await expect(inspect()).rejects.toThrow('/a.csv has changed since it was locked');
    expect((await lock()).changes).toMatchObject([{ kind: 'changed', after: { size: 3 } }]);
  });

  it('are fetched each time where the server tells nothing of them', async () => {
    server.files.set('/a.csv', { bytes: big });
    use(`${origin}/a.csv`);
    await lock();
    expect(await lock()).toMatchObject({ written: false, fetched: { files: 1 } });
    expect(await inspect()).toMatchObject({ unverified: 1 });
  });

  it('go on where the connection broke off', async () => {
    server.files.set('/a.csv', { bytes: big, etag: '"1"' });
    server.breaksAfter = [100_000, 50_000];
    use(`${origin}/a.csv`);
    const { lock: made } = await lock();
    expect(made.sources['raw']?.files[0]?.sha256).toBe(sha256OfBytes(big));
    expect(server.requests.filter((request) => request.includes('bytes='))).toEqual([
      'GET /a.csv bytes=100000-',
      'GET /a.csv bytes=150000-',
    ]);
    expect(server.sent).toBe(big.length);
  });

  it('begin anew when the file changed in between', async () => {
    server.files.set('/a.csv', { bytes: big, etag: '"1"' });
    server.breaksAfter = [100_000];
    use(`${origin}/a.csv`);
    const other = Buffer.from(csvRows(5, 30_000));
    const locking = lock();
    while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    server.files.set('/a.csv', { bytes: other, etag: '"2"' });
    expect((await locking).lock.sources['raw']?.files[0]).toMatchObject({
      sha256: sha256OfBytes(other),
      etag: '"2"',
    });
  });

  it('go on in the next run after one that was stopped', async () => {
    server.files.set('/a.csv', { bytes: big, etag: '"1"' });
    use(`${origin}/a.csv`);
    server.answer = (request, response) => {
      response.writeHead(200, { etag: '"1"', 'content-length': big.length });
      if (request.method === 'HEAD') response.end();
      else response.write(big.subarray(0, 70_000));
    };
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stopped by a test')), 500);
    await expect(lock(controller.signal)).rejects.toThrow('stopped by a test');
    server.answer = undefined;
    await lock();
    expect(server.requests.at(-1)).toBe('GET /a.csv bytes=70000-');
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/downloads'))).toEqual([]);
  });

  it('give up after three tries that brought nothing, and say so', async () => {
    server.answer = (request, response) =>
      void response.writeHead(request.method === 'HEAD' ? 200 : 503).end();
    use(`${origin}/a.csv?token=secret`);
    const failure = lock();
    await expect(failure).rejects.toMatchObject({ code: 'MLOPS_REMOTE_FAILED' });
    await expect(failure).rejects.toThrow(/\/a\.csv\?… cannot be fetched: the server says HTTP 503/);
    await expect(failure).rejects.not.toThrow('secret');
    expect(server.requests.filter((request) => request.startsWith('GET'))).toHaveLength(3);
  });

  it.each<[string, RequestListener, string, string]>([
    [
      '404',
      (_, response) => void response.writeHead(404).end(),
      'MLOPS_REMOTE_NOT_FOUND',
      'is not there (HTTP 404',
    ],
    [
      '401',
      (_, response) => void response.writeHead(401).end(),
      'MLOPS_REMOTE_DENIED',
      'may not be read (HTTP 401',
    ],
    ['403', (_, response) => void response.writeHead(403).end(), 'MLOPS_REMOTE_DENIED', 'has to be public'],
    [
      'a circle',
      (request, response) => void response.writeHead(302, { location: request.url }).end(),
      'MLOPS_REMOTE_FAILED',
      'without end',
    ],
  ])('explain %s', async (_, answer, code, words) => {
    server.answer = answer;
    use(`${origin}/a.csv`);
    await expect(lock()).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    await expect(lock()).rejects.toThrow(`${origin}/a.csv`);
  });

  it('explain that nothing answers', async () => {
    await server.stop();
    use(`${origin}/a.csv`);
    await expect(lock()).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each([
    ['http://example.org/a.csv', 'sent in the clear'],
    ['https://me:secret@example.org/a.csv', 'user name or password'],
    ['ftp://example.org/a.csv', '"ftp://", which is not known'],
    ['s3://bucket', 'names no object'],
    ['https://', 'no address'],
  ])('refuse %s', async (address, words) => {
    use(address);
    const failure = lock();
    await expect(failure).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_ADDRESS',
      message: expect.stringContaining(words),
      location: { path: 'sources.raw.path' },
    });
    await expect(failure).rejects.not.toThrow('secret');
  });

  it('mix with files, and a folder of a bucket is its objects', async () => {
    put('data/b.csv', 'b');
    put('data/deep/a.csv', 'aa');
    put('other.csv', 'o');
    dataset.write('raw.csv', 'r');
    server.files.set('/w.csv', { bytes: Buffer.from('w'), etag: 'W/"1"' });
    use([
      'raw.csv',
      `${origin}/w.csv`,
      's3://bucket/data/',
      's3://bucket/other.csv',
      's3://bucket/data/b.csv',
    ]);
    const { lock: made } = await lock();
    expect(made.sources['raw']?.files.map(({ path, size }) => [path, size])).toEqual([
      [`${origin}/w.csv`, 1],
      ['raw.csv', 1],
      ['s3://bucket/data/b.csv', 1],
      ['s3://bucket/data/deep/a.csv', 2],
      ['s3://bucket/other.csv', 1],
    ]);
    expect(await lock()).toMatchObject({ written: false, fetched: { files: 0 } });
    expect(await inspect()).toMatchObject({ verified: 4 });
    put('data/c.csv', 'c');
    rmSync(join(bucket, 'other.csv'));
    await expect(inspect()).rejects.toMatchObject({ code: 'MLOPS_REMOTE_NOT_FOUND' });
    put('other.csv', 'o');
    await expect(inspect()).rejects.toThrow('s3://bucket/data/c.csv (source "raw") is not in the lock');
  });

  it('are fetched again where the store lacks them, and checked against the lock', async () => {
    put('a.csv', 'id\n1\n');
    use('s3://bucket/a.csv');
    await lock();
    rmSync(join(dataset.project.workspaceRoot, '.mlops/store'), { recursive: true });
    expect(readFileSync((await local())?.files[0] as string, 'utf8')).toBe('id\n1\n');
    rmSync(join(dataset.project.workspaceRoot, '.mlops/store'), { recursive: true });
    put('a.csv', 'id\n2\n');
    const failure = local();
    await expect(failure).rejects.toMatchObject({ code: 'MLOPS_SOURCE_CHANGED' });
    await expect(failure).rejects.toThrow(sha256OfBytes('id\n1\n'));
    await expect(failure).rejects.toThrow(sha256OfBytes('id\n2\n'));
  });

  it('keep their extension where it says that they are compressed', async () => {
    server.files.set('/rows.csv.gz', { bytes: gzipSync(csvRows(1, 10)), etag: '"1"' });
    dataset = temporaryDataset({
      sources: { raw: { path: `${origin}/rows.csv.gz` } },
      splits: { all: { fraction: 1 } },
    });
    await dataset.lock();
    expect((await dataset.prepare()).splits['all']?.rows).toBe(10);
  });
});

describe('a source of the format "files"', () => {
  it('is the list of its files, from the lock alone', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'images', format: 'files' } }, splits: { all: { fraction: 1 } } },
      { 'images/2020-01-01': 'a', 'images/b, "c".png': 'bb' },
    );
    await dataset.lock();
    rmSync(join(dataset.project.folder, 'images'), { recursive: true });
    const { splits } = await dataset.prepare();
    expect(splits['all']).toMatchObject({
      rows: 2,
      columns: [
        { name: 'path', type: 'string' },
        { name: 'size', type: 'integer' },
        { name: 'sha256', type: 'string' },
      ],
    });
    const { store } = await openStore(dataset.project.workspaceRoot);
    expect(await parquetRows(store.pathOf(splits['all']?.file.sha256 ?? ''))).toEqual([
      ['images/2020-01-01', '1', sha256OfBytes('a')],
      ['images/b, "c".png', '2', sha256OfBytes('bb')],
    ]);
  });
});
