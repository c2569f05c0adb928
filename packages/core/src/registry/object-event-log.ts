import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMd5Of } from '../object-store/md5-etag';
import type { ObjectStore } from '../object-store/object-store';
import { hasMd5Etags } from './conditional-writes';
import type { EventPage, LogPosition } from './driver';
import type { RegistryEvent } from './event';
import { formatEvent } from './event-log';
import { LogMemory } from './log-memory';
import { pageOfLog, pageOfTail, startOfTail } from './log-page';
import { refuseUnlessNext } from './refuse-unless-next';
import { registryConflict } from './registry-conflict';

/** How often a log is read again whose etag is not that of its bytes. */
const FETCHES = 20;

interface Log {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Event logs as objects. One is replaced whole by each append, if it still is what was read. */
export class ObjectEventLogs {
  private readonly memory = new LogMemory();

  constructor(private readonly store: ObjectStore) {}

  /** See `RegistryDriver.readEvents`. A log that did not change costs one request without a body. */
  async read(key: string, after?: LogPosition): Promise<EventPage> {
    const tail = after === undefined ? undefined : await this.readTail(key, after);
    if (tail !== undefined) return tail;
    if (this.memory.has(key)) {
      const info = await this.store.head(key);
      const known = info === undefined ? undefined : this.memory.recall(key, info.etag);
      if (known !== undefined) return known;
    }
    const found = await this.fetch(key);
    if (found === undefined) return { events: [], continued: false };
    const page = pageOfLog(found.bytes, this.placeOf(key));
    this.memory.remember(key, { stamp: found.etag, page, bytes: found.bytes.length });
    return page;
  }

  /**
   * See `RegistryDriver.appendEvent`.
   *
   * The answer to a write may be lost after the write took effect, and the SDK repeats it then; the repetition fails its
   * condition, because of our own event. So whenever a write seems to have failed the log is asked whether it holds it.
   */
  async append(key: string, event: RegistryEvent): Promise<void> {
    const found = await this.fetch(key);
    const bytes = found?.bytes ?? Buffer.alloc(0);
    const wholeLength = refuseUnlessNext(event, bytes, this.placeOf(key));
    const body = Buffer.concat([bytes.subarray(0, wholeLength), Buffer.from(formatEvent(event))]);
    const condition = found === undefined ? { ifAbsent: true } : { ifMatch: found.etag };
    let etag;
    try {
      etag = await this.store.put(key, body, condition);
    } catch (error) {
      if (await this.holds(key, event).catch(() => false)) return;
      throw error;
    }
    if (etag !== undefined || (await this.holds(key, event))) return;
    throw registryConflict(`recorded event ${event.seq}`, this.placeOf(key));
  }

  private async holds(key: string, event: RegistryEvent): Promise<boolean> {
    const { events } = await this.read(key);
    return events[event.seq - 1]?.hash === event.hash;
  }

  private async readTail(key: string, after: LogPosition): Promise<EventPage | undefined> {
    const start = startOfTail(after);
    if (start === undefined) return undefined;
    const range = { start, end: Number.MAX_SAFE_INTEGER };
    const found = await this.store.get(key, { range });
    return found === undefined ? undefined : pageOfTail(await buffer(found.body), after);
  }

  /**
   * A whole log with the etag that is its own. Some stores answer for a moment with the etag of what is being put and the
   * bytes of what was there; a write on the strength of that etag would overwrite an event that was not read.
   */
  private async fetch(key: string): Promise<Log | undefined> {
    let before: Log | undefined;
    for (let attempt = 1; attempt <= FETCHES; attempt++) {
      const found = await this.store.get(key);
      if (found === undefined) return undefined;
      const log = { bytes: await buffer(found.body), etag: found.info.etag };
      if (isMd5Of(log.etag, log.bytes) !== false) return log;
      // Not an MD5 at all, as in an encrypted bucket; then it is the same pair each time.
      const isSame = before?.etag === log.etag && before.bytes.equals(log.bytes);
      if (isSame && !(await hasMd5Etags(this.store))) return log;
      before = log;
      await sleep(10 * attempt);
    }
    throw registryConflict('was recording events all the time', this.placeOf(key));
  }

  private placeOf(key: string): string {
    return `${this.store.description}/${key}`;
  }
}
