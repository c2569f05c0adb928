import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tmp from 'tmp';
import { sha256OfBytes } from '../files/sha256';
import type { RegistryEvent } from './event';
import { chainEvent } from './event-log';
import { FileRegistryDriver } from './file-registry-driver';

tmp.setGracefulCleanup();

const failsWith = (code: string) => expect.objectContaining({ code }) as Error;

function newFolder(): string {
  return tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;
}

function eventAfter(previous?: RegistryEvent): RegistryEvent {
  return chainEvent(previous, {
    type: 'registered',
    at: '2026-11-01T12:00:00.000Z',
    actor: 'ada',
    version: (previous?.seq ?? 0) + 1,
    digest: 'a'.repeat(64),
  });
}

describe('events', () => {
  it('of an unknown model are none, and asking makes no folder', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(join(folder, 'registry'));
    expect((await driver.readEvents('churn')).events).toEqual([]);
    expect(await driver.listModels()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of an unsafe name leave no folder', async () => {
    const folder = newFolder();
    await expect(
      new FileRegistryDriver(join(folder, 'registry')).appendEvent('../x', eventAfter()),
    ).rejects.toEqual(failsWith('MLOPS_NAME'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leave no lock behind, be they refused or not', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    await driver.appendEvent('churn', eventAfter());
    await expect(driver.appendEvent('churn', eventAfter())).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    expect(readdirSync(join(folder, 'models/churn'))).toEqual(['events.jsonl']);
  });

  it('that did not change for a while are not parsed again, those that did are', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    const first = eventAfter();
    await driver.appendEvent('churn', first);
    // The time stamp of a file that was just written does not tell one write from the next.
    expect((await driver.readEvents('churn')).events).not.toBe((await driver.readEvents('churn')).events);
    await sleep(2100);
    const { events } = await driver.readEvents('churn');
    expect((await driver.readEvents('churn')).events).toBe(events);
    await new FileRegistryDriver(folder).appendEvent('churn', eventAfter(first));
    expect((await driver.readEvents('churn')).events).toHaveLength(2);
  });

  it('that cannot be written say why', async () => {
    const file = join(newFolder(), 'a file');
    writeFileSync(file, '');
    const driver = new FileRegistryDriver(join(file, 'registry'));
    await expect(driver.appendEvent('churn', eventAfter())).rejects.toThrow(
      /event 1 cannot be recorded: .*Check that the registry in mlops.json names a folder/,
    );
  });
});

describe('blobs', () => {
  function fileWith(content: string): string {
    const file = join(newFolder(), 'model.onnx');
    writeFileSync(file, content);
    return file;
  }

  it('lie under their digest, and nothing is left of their coming', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    const blob = await driver.putBlob(fileWith('weights'));
    expect(blob).toEqual({ sha256: sha256OfBytes('weights'), size: 7 });
    const file = await driver.getBlob(blob);
    expect(file).toBe(join(folder, 'blobs/sha256', blob.sha256.slice(0, 2), blob.sha256));
    expect(readFileSync(file, 'utf8')).toBe('weights');
    expect(readdirSync(join(folder, 'blobs/incoming'))).toEqual([]);
  });

  it.each(['weightS', 'weigh', ''])(
    'that became %p are refused, and mended by putting them again',
    async (bad) => {
      const driver = new FileRegistryDriver(newFolder());
      const source = fileWith('weights');
      const blob = await driver.putBlob(source);
      const file = await driver.getBlob(blob);
      chmodSync(file, 0o644);
      writeFileSync(file, bad);
      await expect(driver.getBlob(blob)).rejects.toEqual(failsWith('MLOPS_REGISTRY_BLOB_CORRUPT'));
      await driver.putBlob(source);
      expect(readFileSync(await driver.getBlob(blob), 'utf8')).toBe('weights');
    },
  );

  it('leave no half copies of killed processes behind for long', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    const incoming = join(folder, 'blobs/incoming');
    mkdirSync(incoming, { recursive: true });
    writeFileSync(join(incoming, 'old'), 'half');
    writeFileSync(join(incoming, 'young'), 'half');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
    utimesSync(join(incoming, 'old'), twoDaysAgo, twoDaysAgo);
    await driver.putBlob(fileWith('weights'));
    expect(readdirSync(incoming)).toEqual(['young']);
  });
});

describe('a snapshot', () => {
  it('that a killed process left half-written goes when it is old', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    await driver.writeSnapshot('churn', 'one');
    const model = join(folder, 'models/churn');
    for (const name of ['state.json.1.old.tmp', 'state.json.2.young.tmp'])
      writeFileSync(join(model, name), 'h');
    const then = Date.now() / 1000 - 120;
    utimesSync(join(model, 'state.json.1.old.tmp'), then, then);
    await driver.writeSnapshot('churn', 'two');
    expect(readdirSync(model).sort()).toEqual(['state.json', 'state.json.2.young.tmp']);
  });
});
