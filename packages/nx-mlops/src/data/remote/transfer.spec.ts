import { sha256OfBytes, type FileDigest } from '@nx-mlops/core';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { Store } from '../store';
import { downloadFiles } from './download-files';
import { blobKey, packKey, SMALL_FILE } from './remote-layout';
import { TransferProgress } from './transfer-progress';
import { uploadFiles, type UploadItem } from './upload-files';
import { remoteOver, watchedStore, type WatchedStore } from './watched-object-store.fixture';

tmp.setGracefulCleanup();

const begin = (bytes: number) => new TransferProgress('x', bytes, () => undefined);
const MB = 1024 * 1024;

describe('transfers between the local store and a remote', () => {
  let folder: string;
  let objects: WatchedStore;
  let store: Store;
  let remote: ReturnType<typeof remoteOver>;

  const item = (name: string, bytes: Buffer): UploadItem => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return { digest: { sha256: sha256OfBytes(bytes), size: bytes.length }, file, name };
  };
  const small = (count: number) =>
    Array.from({ length: count }, (_, index) => item(`small ${index}`, Buffer.from(`small file ${index}`)));
  const big = (count: number, size = 2 * MB) =>
    Array.from({ length: count }, (_, index) => item(`big ${index}`, randomBytes(size)));
  const upload = (items: readonly UploadItem[]) => uploadFiles(remote, items, { begin });
  const download = (items: readonly UploadItem[], to = store) =>
    downloadFiles(
      remote,
      items.map(({ digest }) => digest),
      to,
      { begin },
    );
  const requests = (kind: string) => objects.requests.filter((request) => request.startsWith(kind));
  const content = ({ digest }: { digest: FileDigest }) => readFileSync(store.pathOf(digest.sha256));
  // Jest compares megabytes of a Buffer byte by byte, which takes a minute.
  const isWhole = (one: UploadItem) => content(one).equals(readFileSync(one.file));
  /** As another machine, which knows nothing of the packs yet. */
  const onAnotherMachine = () => {
    remote = remoteOver(objects, join(folder, 'another catalogue'));
    objects.requests.length = 0;
  };
  const flip = (key: string, at: number) => {
    const file = join(folder, 'remote', key);
    const bytes = readFileSync(file);
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(file, bytes);
  };

  beforeEach(() => {
    folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'with a space');
    mkdirSync(folder);
    objects = watchedStore(join(folder, 'remote'));
    store = new Store(join(folder, 'store'));
    remote = remoteOver(objects, join(folder, 'catalogue'));
  });

  it('brings back what was sent: small, big and empty files', async () => {
    const items = [
      ...small(50),
      ...big(2),
      item('edge', randomBytes(SMALL_FILE)),
      item('empty', Buffer.alloc(0)),
    ];
    expect(await upload(items)).toMatchObject({ files: 53, skipped: 1 });
    onAnotherMachine();
    expect(await download(items)).toMatchObject({ files: 54, skipped: 0, missing: [] });
    for (const one of items) expect(isWhole(one)).toBe(true);
    expect(readdirSync(join(store.folder, 'incoming'))).toEqual([]);
  });

  it('needs few requests for many small files', async () => {
    const items = small(400);
    await upload(items);
    expect(objects.requests.length).toBeLessThan(8);
    onAnotherMachine();
    await download(items);
    expect(objects.requests).toEqual([
      'list packs/index/',
      expect.stringMatching(/^get packs\/index\//),
      expect.stringMatching(/^get packs\/.* from 0$/),
    ]);
  });

  it('sends nothing twice, and asks nothing about what it knows', async () => {
    const items = [...small(10), ...big(1)];
    await upload(items);
    objects.requests.length = 0;
    expect(await upload(items)).toEqual({ files: 0, bytes: 0, skipped: 11 });
    expect(objects.requests).toEqual([`head ${blobKey(items[10]?.digest.sha256 as string)}`]);
    await download(items);
    objects.requests.length = 0;
    expect(await download(items)).toMatchObject({ files: 0, skipped: 11 });
    expect(objects.requests).toEqual([]);
  });

  it('fetches one file out of a pack by its range', async () => {
    const items = small(500).map((one, index) => item(one.name, Buffer.alloc(1000, `${index},`)));
    await upload(items);
    onAnotherMachine();
    objects.read = 0;
    const wanted = [items[250] as UploadItem];
    await download(wanted);
    expect(requests('get packs')).toContainEqual(expect.stringMatching(/from 250000$/));
    expect(content(wanted[0] as UploadItem)).toHaveLength(1000);
  });

  it.each([1, 2, 3, 4])('goes on after a push that was stopped at put %i', async (puts) => {
    const items = [...small(20), ...big(3)];
    objects.putsLeft = puts;
    await expect(upload(items)).rejects.toThrow('the power went');
    const before = requests('put');
    objects.putsLeft = Infinity;
    onAnotherMachine();
    await upload(items);
    const again = requests('put').filter((request) => before.includes(request) && !request.includes('index'));
    expect(again).toEqual([]);
    expect(await download(items)).toMatchObject({ files: 23, missing: [] });
  });

  it('goes on where the connection broke off, by a range', async () => {
    const [one] = big(1, 5 * MB) as [UploadItem];
    await upload([one]);
    objects.breakAfter = 1.5 * MB;
    objects.read = 0;
    await download([one]);
    expect(isWhole(one)).toBe(true);
    expect(objects.read).toBe(5 * MB);
    expect(requests('get blobs').map((request) => request.split(' from ')[1])).toEqual([
      undefined,
      `${1.5 * MB}`,
      `${3 * MB}`,
      `${4.5 * MB}`,
    ]);
  });

  it('gives up a connection that brings nothing', async () => {
    const [one] = big(1) as [UploadItem];
    await upload([one]);
    objects.breakAfter = 0;
    await expect(download([one])).rejects.toMatchObject({ code: 'MLOPS_REMOTE_UNREACHABLE' });
    expect(await store.has(one.digest)).toBe(false);
  }, 20_000);

  describe('what a killed pull left', () => {
    let one: UploadItem;
    const leave = (bytes: Buffer, age = 20) => {
      mkdirSync(join(store.folder, 'incoming'), { recursive: true });
      // No process has this number, and the world is that of this test.
      const name = `${one.digest.sha256}.00000000.999999999.part`;
      const file = join(store.folder, 'incoming', name);
      writeFileSync(file, bytes);
      const then = Date.now() / 1000 - age * 60;
      utimesSync(file, then, then);
    };

    beforeEach(async () => {
      [one] = big(1, 4 * MB) as [UploadItem];
      await upload([one]);
      objects.read = 0;
    });

    it('is taken up', async () => {
      leave(readFileSync(one.file).subarray(0, 3 * MB));
      await download([one]);
      expect(objects.read).toBe(MB);
      expect(isWhole(one)).toBe(true);
    });

    it.each([
      ['whole already', (bytes: Buffer) => bytes, 0],
      ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, MB), randomBytes(MB)]), 6 * MB],
      ['too long', (bytes: Buffer) => Buffer.concat([bytes, bytes]), 4 * MB],
    ])('is no harm when it is %s', async (_, left, read) => {
      leave(left(readFileSync(one.file)));
      await download([one]);
      expect(objects.read).toBe(read);
      expect(isWhole(one)).toBe(true);
      expect(readdirSync(join(store.folder, 'incoming'))).toEqual([]);
    });

    it('is left alone while another machine may be writing it', async () => {
      leave(readFileSync(one.file).subarray(0, 3 * MB), 1);
      await download([one]);
      expect(objects.read).toBe(4 * MB);
      expect(readdirSync(join(store.folder, 'incoming'))).toHaveLength(1);
    });
  });

  it('takes nothing of a big file with a flipped byte, and names the object', async () => {
    const [one] = big(1) as [UploadItem];
    await upload([one]);
    flip(blobKey(one.digest.sha256), 1_234_567);
    await expect(download([one])).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_CORRUPT',
      message: expect.stringContaining(blobKey(one.digest.sha256)),
    });
    expect(await store.has(one.digest)).toBe(false);
    expect(readdirSync(join(store.folder, 'incoming'))).toEqual([]);
  });

  it('takes nothing of a small file with a flipped byte, and names the pack and the place', async () => {
    const items = small(3);
    await upload(items);
    const pack = requests('put packs/')
      .map((request) => /^put packs\/([0-9a-f]{64})\.pack$/.exec(request)?.[1])
      .find((name) => name !== undefined) as string;
    flip(packKey(pack), 15);
    await expect(download(items)).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_CORRUPT',
      message: expect.stringMatching(`${packKey(pack)}.*bytes \\d+ to \\d+`),
    });
    expect(await store.has((items[1] as UploadItem).digest)).toBe(false);
  });

  it('takes nothing of an object that was cut short', async () => {
    const [one] = big(1) as [UploadItem];
    await upload([one]);
    const file = join(folder, 'remote', blobKey(one.digest.sha256));
    writeFileSync(file, readFileSync(file).subarray(0, MB));
    await expect(download([one])).rejects.toMatchObject({ code: 'MLOPS_REMOTE_CORRUPT' });
    // And a push from where the data is whole mends it.
    await upload([one]);
    await download([one]);
    expect(content(one)).toHaveLength(2 * MB);
  });

  it('tells what the remote does not hold', async () => {
    const items = [...small(2), ...big(2)];
    await upload([items[0], items[2]] as UploadItem[]);
    const { missing } = await download(items);
    expect(missing).toEqual(expect.arrayContaining([items[1]?.digest, items[3]?.digest]));
    expect(missing).toHaveLength(2);
  });

  it('finds small files again that a gc has put into another pack', async () => {
    const items = small(10);
    await upload(items);
    const packs = requests('put packs/').map((request) => request.slice('put '.length));
    const known = remote;
    await objects.delete(packs);
    remote = remoteOver(objects, join(folder, 'of the gc'));
    await upload(items.slice(0, 7));
    remote = known;
    expect((await download(items)).missing).toHaveLength(3);
  });

  it('refuses to send a file that is no longer what was pinned', async () => {
    const [little] = small(1) as [UploadItem];
    const [large] = big(1) as [UploadItem];
    for (const one of [little, large]) {
      chmodSync(one.file, 0o644);
      writeFileSync(one.file, 'other');
      await expect(upload([one])).rejects.toMatchObject({ code: 'MLOPS_FILE_CHANGED' });
    }
    expect(requests('put')).toEqual([]);
  });

  it('stops with the reason of the signal and keeps what has arrived', async () => {
    const [one] = big(1, 4 * MB) as [UploadItem];
    await upload([one]);
    const controller = new AbortController();
    const progress = (bytes: number) => {
      const counted = begin(bytes);
      const add = counted.add.bind(counted);
      counted.add = (more) => {
        add(more);
        if (more > 0) controller.abort(new Error('enough'));
      };
      return counted;
    };
    await expect(
      downloadFiles(remote, [one.digest], store, { begin: progress, signal: controller.signal }),
    ).rejects.toThrow('enough');
    objects.read = 0;
    await download([one]);
    expect(objects.read).toBeLessThan(4 * MB);
  });
});
