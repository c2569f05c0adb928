import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tmp from 'tmp';
import { sha256OfBytes } from '../files/sha256';
import type { FileDigest } from '../manifest/column';
import { REFRESH_AGE, type LogPosition, type RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent, verifyChain } from './event-log';

tmp.setGracefulCleanup();

/** A registry as several machines see it. */
export interface SharedRegistry {
  /** A driver as another process on another machine would open it. */
  readonly open: () => RegistryDriver;
  /** What lies there, by its path in the layout of a registry, behind the drivers' backs. */
  readonly raw: {
    read(path: string): Promise<string | undefined>;
    write(path: string, text: string): Promise<void>;
  };
}

const failsWith = (code: string) => expect.objectContaining({ code }) as Error;
const LOG = 'models/churn/events.jsonl';

function eventAfter(previous?: RegistryEvent, actor = 'ada'): RegistryEvent {
  return chainEvent(previous, {
    type: 'registered',
    at: '2026-11-01T12:00:00.000Z',
    actor,
    version: (previous?.seq ?? 0) + 1,
    digest: 'a'.repeat(64),
  });
}

function chainOf(count: number, actor?: string): RegistryEvent[] {
  const events: RegistryEvent[] = [];
  while (events.length < count) events.push(eventAfter(events.at(-1), actor));
  return events;
}

const textOf = (events: readonly RegistryEvent[]) => events.map(formatEvent).join('');

function fileWith(content: string): string {
  const file = join(tmp.dirSync({ unsafeCleanup: true, prefix: 'a model ' }).name, 'model.onnx');
  writeFileSync(file, content);
  return file;
}

/**
 * What every driver of a registry has to do, as Jest cases.
 *
 * @param make gives an empty registry
 * @param keepsSnapshots false for a driver that gains nothing by them
 */
export function describeRegistryDriver(
  name: string,
  make: () => Promise<SharedRegistry>,
  { keepsSnapshots = true }: { readonly keepsSnapshots?: boolean } = {},
): void {
  describe(name, () => {
    let registry: SharedRegistry;
    let driver: RegistryDriver;
    beforeEach(async () => {
      registry = await make();
      driver = registry.open();
    });

    async function withLog(events: readonly RegistryEvent[]): Promise<void> {
      for (const event of events) await driver.appendEvent('churn', event);
    }

    describe('events', () => {
      it('of an unknown model are none', async () => {
        expect(await driver.readEvents('churn')).toEqual({ events: [], continued: false });
        expect(await driver.listModels()).toEqual([]);
      });

      it('are read as they were appended, by anyone', async () => {
        const [first, second] = chainOf(2) as [RegistryEvent, RegistryEvent];
        await driver.appendEvent('churn', first);
        expect((await registry.open().readEvents('churn')).events).toEqual([first]);
        await registry.open().appendEvent('churn', second);
        expect((await driver.readEvents('churn')).events).toEqual([first, second]);
        expect(await registry.raw.read(LOG)).toBe(textOf([first, second]));
      });

      it('make their model known, a version alone does not', async () => {
        await driver.appendEvent('delay', eventAfter());
        await driver.appendEvent('churn', eventAfter());
        await driver.createVersion('begun', 1, '{}');
        expect(await registry.open().listModels()).toEqual(['churn', 'delay']);
      });

      it('are appended only behind the last one', async () => {
        const [first, second, third] = chainOf(3) as [RegistryEvent, RegistryEvent, RegistryEvent];
        const conflict = failsWith('MLOPS_REGISTRY_CONFLICT');
        await expect(driver.appendEvent('churn', second)).rejects.toEqual(conflict);
        await driver.appendEvent('churn', first);
        await expect(driver.appendEvent('churn', first)).rejects.toEqual(conflict);
        await expect(driver.appendEvent('churn', third)).rejects.toEqual(conflict);
        const ofAnotherLog = { ...second, previous: 'b'.repeat(64) };
        await expect(driver.appendEvent('churn', ofAnotherLog)).rejects.toEqual(conflict);
        expect((await driver.readEvents('churn')).events).toEqual([first]);
      });

      it('of many writers at once are recorded for one of them', async () => {
        await withLog(chainOf(1));
        const writers = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
        const results = await Promise.allSettled(
          writers.map((actor) => registry.open().appendEvent('churn', eventAfter(chainOf(1)[0], actor))),
        );
        const winners = writers.filter((_, index) => results[index]?.status === 'fulfilled');
        const { events } = await driver.readEvents('churn');
        expect(winners).toEqual([events[1]?.actor]);
        for (const result of results) {
          if (result.status === 'rejected')
            expect(result.reason).toEqual(failsWith('MLOPS_REGISTRY_CONFLICT'));
        }
      });

      it('of many writers that try again are all recorded, once', async () => {
        const appendSoon = async (actor: string): Promise<void> => {
          const own = registry.open();
          for (;;) {
            const last = (await own.readEvents('churn')).events.at(-1);
            try {
              return await own.appendEvent('churn', eventAfter(last, actor));
            } catch (error) {
              expect(error).toEqual(failsWith('MLOPS_REGISTRY_CONFLICT'));
            }
          }
        };
        const writers = Array.from({ length: 6 }, (_, index) => `writer ${index}`);
        await Promise.all(writers.map(appendSoon));
        const { events } = await driver.readEvents('churn');
        verifyChain(events);
        expect(events.map(({ actor }) => actor).sort()).toEqual(writers);
      });

      it.each([1, 40, 200])(
        'leave out a last line that was cut off after %p bytes; the next append removes it',
        async (length) => {
          const [first, second] = chainOf(2) as [RegistryEvent, RegistryEvent];
          await registry.raw.write(LOG, textOf([first]) + formatEvent(second).slice(0, length));
          const { events, end } = await driver.readEvents('churn');
          expect(events).toEqual([first]);
          expect(await driver.readEvents('churn', end)).toEqual({ events: [], end, continued: true });
          await driver.appendEvent('churn', second);
          expect(await registry.raw.read(LOG)).toBe(textOf([first, second]));
          expect(await driver.readEvents('churn', end)).toMatchObject({ events: [second], continued: true });
        },
      );

      it('say so when the log was written by something else, and append nothing to it', async () => {
        await registry.raw.write(LOG, 'hello\n');
        const tampered = failsWith('MLOPS_REGISTRY_TAMPERED');
        await expect(driver.readEvents('churn')).rejects.toEqual(tampered);
        await expect(driver.appendEvent('churn', eventAfter())).rejects.toEqual(tampered);
        expect(await registry.raw.read(LOG)).toBe('hello\n');
      });

      it.each(['../x', '..', '', 'a/b', 'a\\b', '.hidden', 'x'.repeat(101)])(
        'of the unsafe name %p are refused',
        async (model) => {
          const refused = failsWith('MLOPS_NAME');
          await expect(driver.readEvents(model)).rejects.toEqual(refused);
          await expect(driver.appendEvent(model, eventAfter())).rejects.toEqual(refused);
          await expect(driver.readVersion(model, 1)).rejects.toEqual(refused);
          await expect(driver.createVersion(model, 1, '{}')).rejects.toEqual(refused);
          await expect(driver.readSnapshot(model)).rejects.toEqual(refused);
          await expect(driver.writeSnapshot(model, '{}')).rejects.toEqual(refused);
        },
      );
    });

    describe('the rest of a log', () => {
      /** Where the log ended after each event. */
      async function positions(events: readonly RegistryEvent[]): Promise<LogPosition[]> {
        const ends: LogPosition[] = [];
        for (const event of events) {
          await driver.appendEvent('churn', event);
          ends.push((await driver.readEvents('churn')).end as LogPosition);
        }
        return ends;
      }

      it('is read from any position that a driver gave', async () => {
        const events = chainOf(5);
        const ends = await positions(events);
        expect(ends.map(({ seq, hash }) => ({ seq, hash }))).toEqual(
          events.map(({ seq, hash }) => ({ seq, hash })),
        );
        for (const [index, end] of ends.entries()) {
          const page = await registry.open().readEvents('churn', end);
          expect(page).toEqual({ events: events.slice(index + 1), end: ends[4], continued: true });
        }
      });

      it('is the whole log where it no longer holds that event there', async () => {
        const events = chainOf(4);
        const ends = await positions(events);
        const [, , third] = ends as [LogPosition, LogPosition, LogPosition];
        const [start, stop] = third.mark.split('-').map(Number) as [number, number];
        const wrong: LogPosition[] = [
          { ...third, mark: `${start + 7}-${stop}` },
          { ...third, mark: `${start}-${stop - 1}` },
          { ...third, mark: `${start - 1}-${stop}` },
          { ...third, mark: `${stop}-${start}` },
          { ...third, mark: `${stop * 100}-${stop * 101}` },
          { ...third, mark: 'of another driver' },
          { ...third, mark: '' },
          { ...third, seq: 2 },
          { ...third, hash: events[0]?.hash as string },
        ];
        for (const after of wrong) {
          expect(await driver.readEvents('churn', after)).toEqual({ events, end: ends[3], continued: false });
        }
      });

      it.each([
        ['shorter', chainOf(4).slice(0, 2)],
        ['another', chainOf(5, 'eve')],
        ['another up to there', [...chainOf(2, 'eve'), ...chainOf(5).slice(2)].slice(0, 2)],
        ['gone', []],
      ])('is the whole log where the log is %s now', async (_, now) => {
        const [, , third] = await positions(chainOf(4));
        await registry.raw.write(LOG, textOf(now));
        expect(await driver.readEvents('churn', third)).toMatchObject({ events: now, continued: false });
      });

      it('of an unknown model is empty', async () => {
        const [end] = await positions(chainOf(1));
        expect(await driver.readEvents('delay', end)).toEqual({ events: [], continued: false });
      });

      it('that is no log is found by reading the whole', async () => {
        const events = chainOf(2);
        const [, end] = await positions(events);
        await registry.raw.write(LOG, `${textOf(events)}hello\n`);
        await expect(driver.readEvents('churn', end)).rejects.toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
      });
    });

    describe('versions', () => {
      it('come back to the letter, to anyone', async () => {
        await driver.createVersion('churn', 1, '{"ä": 1}\n');
        expect(await registry.open().readVersion('churn', 1)).toBe('{"ä": 1}\n');
        expect(await driver.readVersion('churn', 2)).toBeUndefined();
        expect(await driver.readVersion('delay', 1)).toBeUndefined();
      });

      it('never change', async () => {
        await driver.createVersion('churn', 1, 'first');
        await expect(registry.open().createVersion('churn', 1, 'second')).rejects.toEqual(
          failsWith('MLOPS_REGISTRY_CONFLICT'),
        );
        expect(await driver.readVersion('churn', 1)).toBe('first');
      });

      it('are of one of many that make them at once', async () => {
        const texts = Array.from({ length: 8 }, (_, index) => `record ${index}`);
        const results = await Promise.allSettled(
          texts.map((text) => registry.open().createVersion('churn', 1, text)),
        );
        const winners = texts.filter((_, index) => results[index]?.status === 'fulfilled');
        expect(winners).toEqual([await driver.readVersion('churn', 1)]);
      });
    });

    describe('blobs', () => {
      const pathOf = (sha256: string) => `blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;
      const listed = async () => {
        const found = [];
        for await (const blob of registry.open().listBlobs()) found.push(blob);
        return found;
      };

      it('come back as the bytes that went in, under their digest, to anyone', async () => {
        const blob = await driver.putBlob(fileWith('weights'));
        expect(blob).toEqual({ sha256: sha256OfBytes('weights'), size: 7 });
        expect(await registry.raw.read(pathOf(blob.sha256))).toBe('weights');
        for (const each of [driver, registry.open()]) {
          expect(readFileSync(await each.getBlob(blob), 'utf8')).toBe('weights');
          expect(readFileSync(await each.getBlob(blob), 'utf8')).toBe('weights');
        }
      });

      it('may be empty, and may be put twice', async () => {
        const blob = await driver.putBlob(fileWith(''));
        expect(await driver.putBlob(fileWith(''))).toEqual(blob);
        expect(readFileSync(await driver.getBlob(blob))).toHaveLength(0);
      });

      it('of many that put the same at once are whole', async () => {
        const put = await Promise.all(
          Array.from({ length: 6 }, () => registry.open().putBlob(fileWith('same'))),
        );
        expect(new Set(put.map(({ sha256 }) => sha256)).size).toBe(1);
        const blob = { sha256: sha256OfBytes('same'), size: 4 };
        const files = await Promise.all(Array.from({ length: 6 }, () => driver.getBlob(blob)));
        expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(Array(6).fill('same'));
      });

      it.each(['weightS', 'weigh', ''])('that became %p are refused', async (bad) => {
        const blob = await driver.putBlob(fileWith('weights'));
        await registry.raw.write(pathOf(blob.sha256), bad);
        await expect(registry.open().getBlob(blob)).rejects.toEqual(failsWith('MLOPS_REGISTRY_BLOB_CORRUPT'));
      });

      it('that were cut off are mended by putting them again', async () => {
        const blob = await driver.putBlob(fileWith('weights'));
        await registry.raw.write(pathOf(blob.sha256), 'weigh');
        await driver.putBlob(fileWith('weights'));
        expect(readFileSync(await registry.open().getBlob(blob), 'utf8')).toBe('weights');
      });

      it('that are not there are missing', async () => {
        const blob = { sha256: 'a'.repeat(64), size: 1 };
        await expect(driver.getBlob(blob)).rejects.toEqual(failsWith('MLOPS_REGISTRY_BLOB_MISSING'));
      });

      it('whose source cannot be read name the source', async () => {
        const missing = `${fileWith('')}.gone`;
        await expect(driver.putBlob(missing)).rejects.toThrow(
          `${missing}: cannot be read, so it cannot be stored`,
        );
      });

      it('are listed with their sizes and times, and removed', async () => {
        expect(await listed()).toEqual([]);
        const before = Date.now();
        const blobs = [];
        for (const content of ['one', 'two', 'three']) blobs.push(await driver.putBlob(fileWith(content)));
        const found = await listed();
        const bySha = (a: { sha256: string }, b: { sha256: string }) => (a.sha256 < b.sha256 ? -1 : 1);
        expect(found.map(({ sha256, size }) => ({ sha256, size })).sort(bySha)).toEqual(
          [...blobs].sort(bySha),
        );
        // Clocks of S3 tick in seconds.
        for (const { stored } of found) expect(Math.abs(stored - before)).toBeLessThan(5000);
        const [first, second, third] = blobs as [FileDigest, FileDigest, FileDigest];
        const nowhere = 'f'.repeat(64);
        const digests = [first.sha256, second.sha256, nowhere];
        expect(await driver.removeBlobs(digests, before - 60_000)).toEqual([nowhere]);
        expect(await listed()).toHaveLength(3);
        expect(await driver.removeBlobs(digests, before + 60_000)).toEqual(digests);
        expect((await listed()).map(({ sha256 }) => sha256)).toEqual([third.sha256]);
        await expect(driver.getBlob(first)).rejects.toEqual(failsWith('MLOPS_REGISTRY_BLOB_MISSING'));
      });

      it('are young again when they are put again, so that who removes old ones spares them', async () => {
        const blob = await driver.putBlob(fileWith('weights'));
        const [before] = await listed();
        // Clocks of S3 tick in seconds.
        await sleep(1100);
        // Another one's clock: a client of S3 remembers by how much its own differs from that of the server.
        const other = registry.open();
        const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * REFRESH_AGE);
        try {
          await other.putBlob(fileWith('weights'));
        } finally {
          clock.mockRestore();
        }
        const [after, ...others] = await listed();
        expect(others).toEqual([]);
        expect(after?.stored).toBeGreaterThan(before?.stored as number);
        expect(await driver.removeBlobs([blob.sha256], (before?.stored as number) + 1)).toEqual([]);
        expect(readFileSync(await registry.open().getBlob(blob), 'utf8')).toBe('weights');
      });
    });

    if (!keepsSnapshots) return;
    describe('snapshots', () => {
      it('are what was written last, to anyone', async () => {
        await driver.appendEvent('churn', eventAfter());
        expect(await driver.readSnapshot('churn')).toBeUndefined();
        await driver.writeSnapshot('churn', '{"old": true}');
        await registry.open().writeSnapshot('churn', '{"ä": true}');
        expect(await driver.readSnapshot('churn')).toBe('{"ä": true}');
        expect(await driver.readSnapshot('delay')).toBeUndefined();
      });

      it('of many writers at once are one of theirs, whole', async () => {
        await driver.appendEvent('churn', eventAfter());
        const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(20_000));
        await Promise.all(texts.map((text) => registry.open().writeSnapshot('churn', text)));
        expect(texts).toContain(await driver.readSnapshot('churn'));
      });
    });
  });
}
