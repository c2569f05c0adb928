import type { LogPosition, RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent } from './event-log';
import { foldEvents } from './fold';
import { SNAPSHOT_EVERY } from './model-summaries';
import { Registry } from './registry';
import type { SharedRegistry } from './registry-driver-contract.fixture';
import { inFolder, inFolderStore } from './shared-registries.fixture';
import { formatSnapshot, parseSnapshot } from './snapshot';
import { summaryOfState } from './summary-of-state.fixture';

const failsWith = (code: string) => expect.objectContaining({ code }) as Error;
const LOG = 'models/churn/events.jsonl';
const SNAPSHOT = 'models/churn/state.json';

/** Two versions that are deployed by turns. */
function lifeOf(count: number, actor = 'ada'): RegistryEvent[] {
  const events: RegistryEvent[] = [];
  const base = { at: '2026-11-01T12:00:00.000Z', actor };
  while (events.length < count) {
    const version = 1 + (events.length % 2);
    const of = { version, digest: String(version).repeat(64) };
    events.push(
      chainEvent(
        events.at(-1),
        events.length < 2
          ? { ...base, type: 'registered', ...of }
          : { ...base, type: 'deployed', environment: 'production', ...of },
      ),
    );
  }
  return events;
}

const textOf = (events: readonly RegistryEvent[]) => events.map(formatEvent).join('');
const replayOf = (events: readonly RegistryEvent[]) => summaryOfState(foldEvents('churn', events));

/** What a driver is asked for, and what it may not do. */
function watched(driver: RegistryDriver, changes: Partial<RegistryDriver> = {}) {
  const read: (LogPosition | undefined)[] = [];
  const wrapped: RegistryDriver = {
    description: driver.description,
    listModels: () => driver.listModels(),
    putBlob: (file) => driver.putBlob(file),
    getBlob: (blob) => driver.getBlob(blob),
    listBlobs: () => driver.listBlobs(),
    removeBlobs: (digests, before) => driver.removeBlobs(digests, before),
    createVersion: (...args) => driver.createVersion(...args),
    readVersion: (...args) => driver.readVersion(...args),
    readEvents: (model, after) => {
      read.push(after);
      return driver.readEvents(model, after);
    },
    appendEvent: (...args) => driver.appendEvent(...args),
    readSnapshot: (model) => driver.readSnapshot(model),
    writeSnapshot: (...args) => driver.writeSnapshot(...args),
    ...changes,
  };
  return { registry: new Registry(wrapped), read };
}

describe.each([
  ['a folder', inFolder],
  ['an object store', inFolderStore],
])('summaries of a registry in %s', (_, make) => {
  let shared: SharedRegistry;
  beforeEach(async () => {
    shared = await make();
  });
  const fresh = () => new Registry(shared.open());

  /** A log of so many events, with a snapshot of it once it had `known`. */
  async function withSnapshot(known: number, count: number): Promise<RegistryEvent[]> {
    const events = lifeOf(count);
    await shared.raw.write(LOG, textOf(events.slice(0, known)));
    const { end } = await shared.open().readEvents('churn');
    const summary = replayOf(events.slice(0, known));
    const text = formatSnapshot({ schemaVersion: 1, position: { ...(end as LogPosition) }, summary });
    await shared.raw.write(SNAPSHOT, text);
    await shared.raw.write(LOG, textOf(events));
    return events;
  }

  it('of a model without history are empty', async () => {
    expect(await fresh().summary('churn')).toEqual({
      model: 'churn',
      versions: 0,
      environments: {},
      lastSeq: 0,
    });
    expect(await fresh().summaries()).toEqual([]);
    await expect(fresh().summary('../x')).rejects.toEqual(failsWith('MLOPS_NAME'));
  });

  it('read only what follows the snapshot, and then what follows that', async () => {
    const events = await withSnapshot(8, 11);
    const { registry, read } = watched(shared.open());
    expect(await registry.summary('churn')).toEqual(replayOf(events));
    expect(await registry.summary('churn')).toEqual(replayOf(events));
    expect(read.map((after) => after?.seq)).toEqual([8, 11]);
    const more = lifeOf(13);
    await shared.raw.write(LOG, textOf(more));
    expect(await registry.summary('churn')).toEqual(replayOf(more));
  });

  it.each([
    ['is gone', (text: string) => text.slice(0, 0)],
    ['is torn', (text: string) => text.slice(0, -20)],
    ['was changed', (text: string) => text.replace('"ada"', '"eve"')],
    ['is of another model', (text: string) => text.replaceAll('churn', 'delay')],
  ])('come from the whole log where the snapshot %s', async (__, spoil) => {
    const events = await withSnapshot(8, 11);
    await shared.raw.write(SNAPSHOT, spoil((await shared.raw.read(SNAPSHOT)) as string));
    const { registry, read } = watched(shared.open());
    expect(await registry.summary('churn')).toEqual(replayOf(events));
    expect(read).toEqual([undefined]);
  });

  it('come from the whole log where it is another log than the snapshot is of', async () => {
    await withSnapshot(8, 11);
    const others = lifeOf(12, 'eve');
    await shared.raw.write(LOG, textOf(others));
    expect(await fresh().summary('churn')).toEqual(replayOf(others));
  });

  it('come from the whole log where the snapshot cannot be read', async () => {
    const events = await withSnapshot(8, 11);
    const readSnapshot = () => Promise.reject(new Error('not permitted'));
    expect(await watched(shared.open(), { readSnapshot }).registry.summary('churn')).toEqual(
      replayOf(events),
    );
  });

  it('are refused where an event behind the snapshot was changed, also by who has seen it', async () => {
    const events = await withSnapshot(8, 11);
    const registry = fresh();
    await registry.summary('churn');
    const more = lifeOf(13).slice(11);
    const forged = [{ ...(more[0] as RegistryEvent), actor: 'eve' }, more[1] as RegistryEvent];
    await shared.raw.write(LOG, textOf([...events, ...forged]));
    for (const each of [registry, fresh()]) {
      await expect(each.summary('churn')).rejects.toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
    }
  });

  it('stand beside the reason why one is broken', async () => {
    const events = await withSnapshot(8, 11);
    for (const model of ['a-broken-one', 'delay', 'late']) {
      const log = model === 'a-broken-one' ? 'hello\n' : textOf(events);
      await shared.raw.write(`models/${model}/events.jsonl`, log);
    }
    const found = await fresh().summaries();
    expect(found.map(({ model }) => model)).toEqual(['a-broken-one', 'churn', 'delay', 'late']);
    expect(found.map(({ summary }) => summary?.lastSeq)).toEqual([undefined, 11, 11, 11]);
    expect(found[0]?.error).toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
  });

  it('are written down by who records events, so often that no reader has far to go', async () => {
    await shared.raw.write(LOG, textOf(lifeOf(5)));
    const registry = fresh();
    for (let seq = 6; seq <= 3 * SNAPSHOT_EVERY; seq++) {
      await registry.deploy({
        model: 'churn',
        environment: 'production',
        version: 2 - (seq % 2),
        actor: 'ada',
      });
      const text = await shared.raw.read(SNAPSHOT);
      const known = text === undefined ? 0 : parseSnapshot(text, 'churn')?.position.seq;
      expect(known).toBe(seq - (seq % SNAPSHOT_EVERY));
    }
    const { registry: reader, read } = watched(shared.open());
    expect(await reader.summary('churn')).toEqual(replayOf(await registry.events('churn')));
    expect(read[0]?.seq).toBe(3 * SNAPSHOT_EVERY);
  });

  it('that cannot be written down fail no command', async () => {
    await shared.raw.write(LOG, textOf(lifeOf(SNAPSHOT_EVERY - 1)));
    const writeSnapshot = () => Promise.reject(new Error('not permitted'));
    const { registry } = watched(shared.open(), { writeSnapshot });
    const command = { model: 'churn', environment: 'staging', version: 1, actor: 'ada' };
    expect(await registry.deploy(command)).toMatchObject({ changed: true });
    expect((await registry.summary('churn')).lastSeq).toBe(SNAPSHOT_EVERY);
  });
});
