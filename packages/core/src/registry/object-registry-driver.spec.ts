import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tmp from 'tmp';
import { MlopsError } from '../errors/mlops-error';
import { FileObjectStore } from '../object-store/file-object-store';
import type { ObjectStore, PutCondition } from '../object-store/object-store';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent } from './event-log';
import { ObjectRegistryDriver } from './object-registry-driver';

tmp.setGracefulCleanup();

const failsWith = (code: string) => expect.objectContaining({ code }) as Error;
const newFolder = () => tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;

function eventAfter(previous?: RegistryEvent, actor = 'ada'): RegistryEvent {
  const event = { type: 'released', at: '2026-11-01T12:00:00.000Z', environment: 'e', digest: 'd' } as const;
  return chainEvent(previous, { ...event, actor });
}

type Put = ObjectStore['put'];

/** A store that notes what it is asked, and whose writes can be changed. */
function watchedStore(folder = join(newFolder(), 'store')) {
  const store = new FileObjectStore(folder);
  const asked: string[] = [];
  const watched = {
    asked,
    put: ((...args) => store.put(...args)) as Put,
  };
  const wrapped: ObjectStore = {
    description: store.description,
    head: (...args) => {
      asked.push(`head ${args[0]}`);
      return store.head(...args);
    },
    get: (...args) => {
      asked.push(`get ${args[0]}${args[1]?.range === undefined ? '' : ' from a place on'}`);
      return store.get(...args);
    },
    put: (...args) => {
      asked.push(`put ${args[0]}`);
      return watched.put(...args);
    },
    list: (...args) => store.list(...args),
    delete: (...args) => store.delete(...args),
  };
  const driver = () => new ObjectRegistryDriver(wrapped, join(newFolder(), 'cache'));
  return Object.assign(watched, { store, driver });
}

const isLog = (key: string) => key.endsWith('events.jsonl');
const isVersion = (key: string) => key.includes('/versions/');

/** As when the answer is lost and the SDK sends the write again: the second one is refused. */
const answeredLate =
  (store: ObjectStore, which: (key: string) => boolean): Put =>
  async (key, body, options) => {
    const etag = await store.put(key, body, options);
    return which(key) && etag !== undefined ? store.put(key, body, options) : etag;
  };

/** As when the answer is lost and nothing else gets through for a while. */
const neverAnswered =
  (store: ObjectStore, which: (key: string) => boolean): Put =>
  async (key, body, options) => {
    const etag = await store.put(key, body, options);
    if (which(key) && etag !== undefined)
      throw new MlopsError('MLOPS_REMOTE_UNREACHABLE', 'S3 does not answer.');
    return etag;
  };

describe('a write whose answer was lost', () => {
  it.each([
    ['sent again', answeredLate],
    ['never answered', neverAnswered],
  ])('and that was %s is neither a conflict nor recorded twice', async (_, lost) => {
    const watched = watchedStore();
    watched.put = lost(watched.store, (key) => isLog(key) || isVersion(key));
    const driver = watched.driver();
    const first = eventAfter();
    const second = eventAfter(first);
    await driver.appendEvent('churn', first);
    await driver.appendEvent('churn', second);
    await driver.createVersion('churn', 1, 'record');
    expect((await driver.readEvents('churn')).events).toEqual([first, second]);
    await expect(driver.createVersion('churn', 1, 'another')).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
  });

  it('counts also when another writer has followed meanwhile', async () => {
    const watched = watchedStore();
    const first = eventAfter();
    const other = watchedStore(watched.store.description.replace('file:', '')).driver();
    watched.put = async (key, body, options) => {
      await watched.store.put(key, body, options);
      if (isLog(key)) await other.appendEvent('churn', eventAfter(first, 'bob'));
      return isLog(key) ? undefined : '';
    };
    const driver = new ObjectRegistryDriver(
      { ...watched.store, ...bound(watched.store), put: skipProbe(watched.put) },
      join(newFolder(), 'cache'),
    );
    await driver.appendEvent('churn', first);
    expect((await driver.readEvents('churn')).events.map(({ actor }) => actor)).toEqual(['ada', 'bob']);
  });

  it('that did not take effect says why it failed', async () => {
    const watched = watchedStore();
    watched.put = async (key, body, options) => {
      if (isLog(key)) throw new MlopsError('MLOPS_REMOTE_UNREACHABLE', 'S3 does not answer.');
      return watched.store.put(key, body, options);
    };
    await expect(watched.driver().appendEvent('churn', eventAfter())).rejects.toEqual(
      failsWith('MLOPS_REMOTE_UNREACHABLE'),
    );
  });

  it.each([
    ['MLOPS_REMOTE_DENIED', 'S3 refuses these credentials (403).'],
    ['MLOPS_REMOTE_FAILED', 'no space is left in the store (507).'],
  ] as const)('because of %s leaves all as it was', async (code, message) => {
    const watched = watchedStore();
    const driver = watched.driver();
    const first = eventAfter();
    await driver.appendEvent('churn', first);
    const file = join(newFolder(), 'model.onnx');
    writeFileSync(file, 'weights');
    watched.put = () => Promise.reject(new MlopsError(code, message));
    await expect(driver.appendEvent('churn', eventAfter(first))).rejects.toThrow(message);
    await expect(driver.createVersion('churn', 1, 'record')).rejects.toThrow(message);
    await expect(driver.putBlob(file)).rejects.toThrow(message);
    const again = watched.driver();
    expect((await again.readEvents('churn')).events).toEqual([first]);
    expect(await again.readVersion('churn', 1)).toBeUndefined();
    for await (const { sha256 } of again.listBlobs()) throw new Error(`${sha256} is there`);
  });
});

function bound(store: ObjectStore): Omit<ObjectStore, 'put'> {
  return {
    description: store.description,
    head: (...args) => store.head(...args),
    get: (...args) => store.get(...args),
    list: (...args) => store.list(...args),
    delete: (...args) => store.delete(...args),
  };
}

/** A probe that is answered as by a sound store. */
function skipProbe(put: Put): Put {
  return async (key, body, options) => (key.endsWith('.probe') ? undefined : put(key, body, options));
}

describe('a store that ignores conditions', () => {
  const ignoring =
    (store: ObjectStore, condition: keyof PutCondition): Put =>
    (key, body, options) =>
      store.put(key, body, { ...options, [condition]: undefined });

  it.each([
    ['ifAbsent', /ignores If-None-Match/],
    ['ifMatch', /ignores If-Match/],
  ] as const)('such as %s is not written to, but read from', async (condition, message) => {
    const watched = watchedStore();
    const first = eventAfter();
    await watched.driver().appendEvent('churn', first);
    watched.put = ignoring(watched.store, condition);
    const driver = watched.driver();
    const file = join(newFolder(), 'model.onnx');
    writeFileSync(file, 'weights');
    for (const write of [
      () => driver.appendEvent('churn', eventAfter(first)),
      () => driver.createVersion('churn', 1, 'record'),
      () => driver.putBlob(file),
    ]) {
      await expect(write()).rejects.toEqual(failsWith('MLOPS_REGISTRY_STORE_UNFIT'));
      await expect(write()).rejects.toThrow(message);
    }
    expect((await driver.readEvents('churn')).events).toEqual([first]);
  });

  it('is looked for once, and not by who only reads', async () => {
    const watched = watchedStore();
    const first = eventAfter();
    const driver = watched.driver();
    await driver.readEvents('churn');
    await driver.listModels();
    expect(watched.asked).toEqual(['get models/churn/events.jsonl']);
    await driver.appendEvent('churn', first);
    const probes = () => watched.asked.filter((request) => request.endsWith('.probe')).length;
    expect(probes()).toBe(3);
    await driver.appendEvent('churn', eventAfter(first));
    expect(probes()).toBe(3);
  });

  it('is looked for again when the store could not be asked', async () => {
    const watched = watchedStore();
    const { put } = watched;
    watched.put = () => Promise.reject(new MlopsError('MLOPS_REMOTE_UNREACHABLE', 'S3 does not answer.'));
    const driver = watched.driver();
    await expect(driver.appendEvent('churn', eventAfter())).rejects.toEqual(
      failsWith('MLOPS_REMOTE_UNREACHABLE'),
    );
    watched.put = put;
    await driver.appendEvent('churn', eventAfter());
  });
});

describe('reading a log', () => {
  it('that did not change costs one request without a body, and is the same events', async () => {
    const watched = watchedStore();
    const driver = watched.driver();
    const first = eventAfter();
    await driver.appendEvent('churn', first);
    const { events, end } = await driver.readEvents('churn');
    watched.asked.length = 0;
    expect((await driver.readEvents('churn')).events).toBe(events);
    expect(watched.asked).toEqual(['head models/churn/events.jsonl']);
    watched.asked.length = 0;
    expect((await driver.readEvents('churn', end)).events).toEqual([]);
    expect(watched.asked).toEqual(['get models/churn/events.jsonl from a place on']);
    await watched.driver().appendEvent('churn', eventAfter(first));
    expect((await driver.readEvents('churn')).events).toHaveLength(2);
  });
});

describe('a store whose answer has the etag of what is being put and the bytes of what was there', () => {
  /**
   * Etags are MD5s, as those of S3. `arriving` are put after so many more reads of the log, whose answers are of
   * both until then.
   */
  function withMd5Etags({ store }: ReturnType<typeof watchedStore>, sealed = (md5: string) => md5) {
    const next: { arriving?: Buffer; after?: number } = {};
    const md5Of = (bytes: Buffer) => sealed(createHash('md5').update(bytes).digest('hex'));
    const wrapped: ObjectStore = {
      ...bound(store),
      head: async (key) => {
        const found = await wrapped.get(key);
        return found?.info;
      },
      get: async (key, options) => {
        const found = await store.get(key, options);
        if (found === undefined) return undefined;
        const bytes = await buffer(found.body);
        const { arriving } = next;
        const isArriving = isLog(key) && arriving !== undefined;
        if (isArriving && (next.after = (next.after ?? 1) - 1) === 0) {
          delete next.arriving;
          await store.put(key, arriving);
        }
        const etag = md5Of(isArriving ? arriving : bytes);
        return { info: { ...found.info, etag }, body: Readable.from([bytes]) };
      },
      put: async (key, body, { ifAbsent, ifMatch } = {}) => {
        const now = (await wrapped.head(key))?.etag;
        if (ifAbsent === true && now !== undefined) return undefined;
        if (ifMatch !== undefined && now !== ifMatch) return undefined;
        await store.put(key, body);
        return md5Of(body as Buffer);
      },
    };
    return { next, driver: () => new ObjectRegistryDriver(wrapped, join(newFolder(), 'cache')) };
  }

  const first = eventAfter();
  const second = eventAfter(first);
  const both = () => Buffer.from(formatEvent(first) + formatEvent(second));

  it('is not believed by a reader, who would take the old log for the new one', async () => {
    const { next, driver } = withMd5Etags(watchedStore());
    await driver().appendEvent('churn', first);
    next.arriving = both();
    expect((await driver().readEvents('churn')).events).toEqual([first, second]);
  });

  it('is not believed by a writer, who would overwrite the new event', async () => {
    const { next, driver } = withMd5Etags(watchedStore());
    await driver().appendEvent('churn', first);
    next.arriving = both();
    await expect(driver().appendEvent('churn', eventAfter(first, 'bob'))).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    expect((await driver().readEvents('churn')).events).toEqual([first, second]);
  });

  it('is not believed however long it answers so', async () => {
    const { next, driver } = withMd5Etags(watchedStore());
    await driver().appendEvent('churn', first);
    next.arriving = both();
    next.after = 3;
    await expect(driver().appendEvent('churn', eventAfter(first, 'bob'))).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    expect((await driver().readEvents('churn')).events).toEqual([first, second]);
  });

  it('is told from one whose etags are never the MD5', async () => {
    const { driver } = withMd5Etags(watchedStore(), (md5) => [...md5].reverse().join(''));
    await driver().appendEvent('churn', first);
    await driver().appendEvent('churn', second);
    expect((await driver().readEvents('churn')).events).toHaveLength(2);
  });
});

describe('the files of versions on this machine', () => {
  async function withBlob() {
    const watched = watchedStore();
    const cache = join(newFolder(), 'cache');
    const driver = new ObjectRegistryDriver(
      { ...bound(watched.store), put: watched.put, get: get(watched) },
      cache,
    );
    const file = join(newFolder(), 'model.onnx');
    writeFileSync(file, 'weights');
    return { watched, cache, driver, blob: await driver.putBlob(file) };
  }
  const get =
    ({ store, asked }: ReturnType<typeof watchedStore>): ObjectStore['get'] =>
    (...args) => {
      asked.push(`get ${args[0]}`);
      return store.get(...args);
    };

  it('are fetched once, and again when they were damaged', async () => {
    const { watched, cache, driver, blob } = await withBlob();
    expect(existsSync(cache)).toBe(false);
    const file = await driver.getBlob(blob);
    expect(file).toBe(join(cache, 'sha256', blob.sha256.slice(0, 2), blob.sha256));
    await driver.getBlob(blob);
    expect(watched.asked).toHaveLength(1);
    for (const bad of ['weightS', 'w']) {
      chmodSync(file, 0o644);
      writeFileSync(file, bad);
      expect(readFileSync(await driver.getBlob(blob), 'utf8')).toBe('weights');
    }
    expect(watched.asked).toHaveLength(3);
    expect(readdirSync(join(cache, 'incoming'))).toEqual([]);
  });

  it('are left out when the transfer breaks off', async () => {
    const { watched, cache, blob } = await withBlob();
    const broken: ObjectStore = {
      ...bound(watched.store),
      put: watched.put,
      get: async (...args) => {
        const found = await watched.store.get(...args);
        found?.body.destroy();
        const body = Readable.from(
          (async function* () {
            yield Buffer.from('wei');
            throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
          })(),
        );
        return found === undefined ? undefined : { ...found, body };
      },
    };
    await expect(new ObjectRegistryDriver(broken, cache).getBlob(blob)).rejects.toThrow(/socket hang up/);
    expect(readdirSync(join(cache, 'incoming'))).toEqual([]);
    expect(existsSync(join(cache, 'sha256', blob.sha256.slice(0, 2), blob.sha256))).toBe(false);
  });
});
