import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { sha256OfBytes } from '../files/sha256';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent } from './event-log';
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

  it('are read as they were appended, by anyone', async () => {
    const folder = newFolder();
    const first = eventAfter();
    const second = eventAfter(first);
    await new FileRegistryDriver(folder).appendEvent('churn', first);
    await new FileRegistryDriver(folder).appendEvent('churn', second);
    expect((await new FileRegistryDriver(folder).readEvents('churn')).events).toEqual([first, second]);
    expect(await new FileRegistryDriver(folder).listModels()).toEqual(['churn']);
  });

  it('are appended only behind the last one', async () => {
    const driver = new FileRegistryDriver(newFolder());
    const first = eventAfter();
    await expect(driver.appendEvent('churn', eventAfter(first))).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    await driver.appendEvent('churn', first);
    await expect(driver.appendEvent('churn', first)).rejects.toEqual(failsWith('MLOPS_REGISTRY_CONFLICT'));
    const afterNext = eventAfter(eventAfter(first));
    await expect(driver.appendEvent('churn', afterNext)).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    const ofAnotherLog = { ...eventAfter(first), previous: 'b'.repeat(64) };
    await expect(driver.appendEvent('churn', ofAnotherLog)).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    expect((await driver.readEvents('churn')).events).toEqual([first]);
  });

  it.each([1, 40, 200])(
    'leave out a last line that was cut off after %p bytes; the next append removes it',
    async (length) => {
      const folder = newFolder();
      const driver = new FileRegistryDriver(folder);
      const first = eventAfter();
      const second = eventAfter(first);
      await driver.appendEvent('churn', first);
      const log = join(folder, 'models/churn/events.jsonl');
      appendFileSync(log, formatEvent(second).slice(0, length));
      expect((await driver.readEvents('churn')).events).toEqual([first]);
      await driver.appendEvent('churn', second);
      expect(readFileSync(log, 'utf8')).toBe(formatEvent(first) + formatEvent(second));
    },
  );

  it('say so when the log was written by something else, and append nothing to it', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    const log = join(folder, 'models/churn/events.jsonl');
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, 'hello\n');
    await expect(driver.readEvents('churn')).rejects.toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
    await expect(driver.appendEvent('churn', eventAfter())).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_TAMPERED'),
    );
    expect(readFileSync(log, 'utf8')).toBe('hello\n');
    expect(readdirSync(dirname(log))).toEqual(['events.jsonl']);
  });

  it.each(['../x', '..', '', 'a/b', 'a\\b', '.hidden', 'x'.repeat(101)])(
    'of the unsafe name %p are refused',
    async (name) => {
      const folder = newFolder();
      const driver = new FileRegistryDriver(join(folder, 'registry'));
      await expect(driver.readEvents(name)).rejects.toEqual(failsWith('MLOPS_NAME'));
      await expect(driver.appendEvent(name, eventAfter())).rejects.toEqual(failsWith('MLOPS_NAME'));
      await expect(driver.readVersion(name, 1)).rejects.toEqual(failsWith('MLOPS_NAME'));
      expect(readdirSync(folder)).toEqual([]);
    },
  );

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

  it('come back as the bytes that went in, under their digest', async () => {
    const folder = newFolder();
    const driver = new FileRegistryDriver(folder);
    const blob = await driver.putBlob(fileWith('weights'));
    expect(blob).toEqual({ sha256: sha256OfBytes('weights'), size: 7 });
    const file = await driver.getBlob(blob);
    expect(file).toBe(join(folder, 'blobs/sha256', blob.sha256.slice(0, 2), blob.sha256));
    expect(readFileSync(file, 'utf8')).toBe('weights');
    expect(readdirSync(join(folder, 'blobs/incoming'))).toEqual([]);
  });

  it('may be empty, and may be put twice', async () => {
    const driver = new FileRegistryDriver(newFolder());
    const blob = await driver.putBlob(fileWith(''));
    expect(await driver.putBlob(fileWith(''))).toEqual(blob);
    expect(readFileSync(await driver.getBlob(blob))).toHaveLength(0);
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

  it('that are not there are missing', async () => {
    const blob = { sha256: 'a'.repeat(64), size: 1 };
    await expect(new FileRegistryDriver(newFolder()).getBlob(blob)).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_BLOB_MISSING'),
    );
  });

  it('whose source cannot be read name the source', async () => {
    const missing = join(newFolder(), 'model.onnx');
    await expect(new FileRegistryDriver(newFolder()).putBlob(missing)).rejects.toThrow(
      `${missing}: cannot be read, so it cannot be stored`,
    );
  });

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
