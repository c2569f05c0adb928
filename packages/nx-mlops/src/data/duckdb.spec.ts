import { existsSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { withDuckDb } from './duckdb';

describe('withDuckDb', () => {
  it('keeps dates in UTC whatever the machine says', async () => {
    const zone = await withDuckDb({}, async (connection) =>
      (await connection.runAndReadAll("SELECT current_setting('TimeZone')")).getRows(),
    );
    expect(zone).toEqual([['UTC']]);
  });

  it('neither downloads nor loads extensions', async () => {
    await withDuckDb({}, async (connection) => {
      const settings = await connection.runAndReadAll(
        "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')",
      );
      expect(settings.getRows()).toEqual([[false, false]]);
    });
  });

  it('stops a long query when the signal aborts, with the reason of the signal', async () => {
    const abort = new AbortController();
    const reason = new Error('stopped by a test');
    setTimeout(() => abort.abort(reason), 100);
    const startedAt = Date.now();
    await expect(
      withDuckDb({ signal: abort.signal }, (connection) =>
        connection.run('SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b'),
      ),
    ).rejects.toBe(reason);
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('does not begin when the signal has aborted before', async () => {
    const work = jest.fn();
    await expect(withDuckDb({ signal: AbortSignal.abort(new Error('before')) }, work)).rejects.toThrow(
      'before',
    );
    expect(work).not.toHaveBeenCalled();
  });

  it('spills to its folder and says so when even that is not enough', async () => {
    const folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a spill');
    const sorted = withDuckDb({ memoryLimit: '30MB', tempDirectory: folder }, async (connection) => {
      await connection.run(
        'CREATE TABLE t AS SELECT hash(range) AS h, range FROM range(3000000); SELECT * FROM t ORDER BY h LIMIT 1 OFFSET 2000000',
      );
      return existsSync(folder);
    });
    await expect(sorted).resolves.toBe(true);
    await expect(
      withDuckDb({ memoryLimit: '10MB' }, (connection) =>
        connection.run("SELECT string_agg(repeat('x', 1000), '') FROM range(100000)"),
      ),
    ).rejects.toMatchObject({
      code: 'MLOPS_OUT_OF_MEMORY',
      message: expect.stringContaining('--memoryLimit'),
    });
  });
});
