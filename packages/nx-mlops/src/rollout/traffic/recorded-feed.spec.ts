import { formatTrafficRecord, type TrafficRecord } from '@nx-mlops/core';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import tmp from 'tmp';
import { openTrafficFeed } from './open-traffic-feed';

tmp.setGracefulCleanup();

const since = '2026-11-05T12:00:00Z';
const until = '2026-11-05T13:00:00Z';
const query = { model: 'churn', environment: 'production', since, until, versions: [3, 4] };

function record(of: Partial<TrafficRecord> = {}): TrafficRecord {
  return {
    schemaVersion: 1,
    model: 'churn',
    environment: 'production',
    version: 4,
    role: 'live',
    from: '2026-11-05T12:00:00Z',
    to: '2026-11-05T12:01:00Z',
    requests: 10,
    errors: 1,
    latency: { bounds: [0.01, 0.1], counts: [7, 2, 0] },
    ...of,
  };
}

const linesOf = (...records: TrafficRecord[]) => records.map(formatTrafficRecord).join('');

describe('a recorded traffic feed', () => {
  let root: string;
  const read = () => openTrafficFeed('file:my traffic', root).read(query);
  const requestsOf = async (version: number) => (await read()).versions.get(version)?.live?.requests;

  beforeEach(() => {
    root = tmp.dirSync({ unsafeCleanup: true, prefix: 'with space' }).name;
  });

  it('adds up the lines of the versions, wholly between the two moments', async () => {
    const lines = linesOf(
      record(),
      record({ requests: 5, errors: 0, latency: { bounds: [0.01, 0.1], counts: [5, 0, 0] } }),
      record({ version: 3, role: 'shadow' }),
      record({ version: 2 }),
      record({ model: 'fraud' }),
      record({ environment: 'staging' }),
      record({ from: '2026-11-05T11:59:59.999Z' }),
      record({ from: '2026-11-05T12:59:00Z', to: '2026-11-05T13:00:00.001Z' }),
    );
    writeFileSync(join(root, 'my traffic'), lines);
    const window = await read();
    expect(window).toMatchObject({ model: 'churn', environment: 'production', since, until });
    expect([...window.versions.keys()].sort()).toEqual([3, 4]);
    expect(window.versions.get(4)?.live).toEqual({
      requests: 15,
      errors: 1,
      latency: { bounds: [0.01, 0.1], counts: [12, 2, 0] },
    });
    expect(window.versions.get(3)).toHaveProperty('shadow.requests', 10);
  });

  it('reads all .jsonl files of a folder and nothing else in it', async () => {
    mkdirSync(join(root, 'my traffic'));
    writeFileSync(join(root, 'my traffic', 'a.jsonl'), linesOf(record()));
    writeFileSync(join(root, 'my traffic', 'b.jsonl'), linesOf(record()));
    writeFileSync(join(root, 'my traffic', 'notes.txt'), 'churn production');
    expect(await requestsOf(4)).toBe(20);
  });

  it('an empty folder is no traffic', async () => {
    mkdirSync(join(root, 'my traffic'));
    expect((await read()).versions.size).toBe(0);
  });

  it('leaves out a last line without its end, which is still being written', async () => {
    writeFileSync(join(root, 'my traffic'), linesOf(record(), record()).slice(0, -1));
    expect(await requestsOf(4)).toBe(10);
    writeFileSync(join(root, 'my traffic'), linesOf(record(), record()).slice(0, -40));
    expect(await requestsOf(4)).toBe(10);
  });

  it('reads lines with spaces, carriage returns and blank lines between', async () => {
    const text = JSON.stringify(record(), null, 1).replaceAll('\n', ' ');
    writeFileSync(join(root, 'my traffic'), `${text}\r\n\r\n\n${text}\r\n`);
    expect(await requestsOf(4)).toBe(20);
  });

  it.each([
    ['no JSON', '{"model":"churn","environment":"production",\n', 'is no JSON'],
    ['a count that is none', linesOf(record({ requests: -1, errors: 0 })), '"requests"'],
    [
      'more errors than requests',
      linesOf(record({ errors: 11 })),
      '"errors" cannot be more than the requests',
    ],
    [
      'a histogram with a count too few',
      linesOf(record({ latency: { bounds: [1], counts: [1] } })),
      '"latency.counts"',
    ],
    [
      'bounds that fall',
      linesOf(record({ latency: { bounds: [2, 1], counts: [1, 0, 0] } })),
      '"latency.bounds"',
    ],
    ['an unknown key', linesOf({ ...record(), speed: 1 } as TrafficRecord), 'speed'],
    ['another form of the line', linesOf({ ...record(), schemaVersion: 2 as 1 }), '"schemaVersion"'],
    ['an end before its beginning', linesOf(record({ to: '2026-11-05T11:00:00Z' })), '"to"'],
  ])('%s is an error that names the line', async (_, line, what) => {
    writeFileSync(join(root, 'my traffic'), linesOf(record(), record({ model: 'fraud' })) + line);
    const reading = read();
    await expect(reading).rejects.toMatchObject({ code: 'MLOPS_TRAFFIC_BROKEN' });
    await expect(reading).rejects.toThrow(/line 3 /);
    await expect(reading).rejects.toThrow(what);
  });

  it('a broken line of another model is none of ours', async () => {
    writeFileSync(join(root, 'my traffic'), `{"model":"fraud",\n${linesOf(record())}`);
    expect(await requestsOf(4)).toBe(10);
  });

  it.each([
    ['file:nowhere', 'MLOPS_TRAFFIC_UNREADABLE'],
    ['file:nowhere/nothing.jsonl', 'MLOPS_TRAFFIC_UNREADABLE'],
  ])('%s is refused with the way out', async (location, code) => {
    await expect(openTrafficFeed(location, root).read(query)).rejects.toMatchObject({ code });
  });

  it.each(['prometheus:http://host', 'file:', 'traffic.jsonl'])('"%s" is no feed', (location) => {
    expect(() => openTrafficFeed(location, root)).toThrow(
      expect.objectContaining({ code: 'MLOPS_TRAFFIC_UNKNOWN_FEED' }),
    );
  });

  it('an endless line is refused before it fills the memory', async () => {
    writeFileSync(join(root, 'my traffic'), 'x'.repeat(5_000_000));
    await expect(read()).rejects.toMatchObject({ code: 'MLOPS_TRAFFIC_BROKEN' });
  });

  it('a million lines are read in a memory that does not grow with them', async () => {
    const stream = createWriteStream(join(root, 'my traffic'));
    const others = linesOf(record({ model: 'fraud' })).repeat(999) + linesOf(record());
    for (let block = 0; block < 1000; block++) {
      if (!stream.write(others)) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'finish');
    let largest = 0;
    const before = process.memoryUsage().rss;
    const watch = setInterval(() => {
      largest = Math.max(largest, process.memoryUsage().rss - before);
    }, 20);
    expect(await requestsOf(4)).toBe(10_000);
    clearInterval(watch);
    // The file has more than 200 MB.
    expect(largest).toBeLessThan(120e6);
  }, 60_000);
});
