import { MlopsError, messageOf, sha256OfBytes } from '@nx-mlops/core';
import { mkdir, open, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PassingFailure, type AddressReader } from './address-reader';
import { shownAddress } from './source-address';

/** Tries in a row that bring not one byte. */
const TRIES = 3;
const FIRST_PAUSE_MS = 500;

export interface Downloaded {
  /** Absolute; the caller moves it away. */
  readonly file: string;
  readonly etag: string | undefined;
}

export interface DownloadOptions {
  /** Where unfinished files wait for the next run; absolute. */
  readonly folder: string;
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Of the first pause between tries; each next is twice as long. @default 500 */
  readonly pauseMs?: number;
}

/**
 * Fetches a file to a temporary place. Broken connections and busy servers are tried again from where they stopped;
 * when the process ends meanwhile, the next one goes on from there.
 *
 * @throws MlopsError as `AddressReader`; the reason of the signal
 */
export async function download(
  reader: AddressReader,
  address: string,
  { folder, onBytes = () => undefined, signal, pauseMs = FIRST_PAUSE_MS }: DownloadOptions,
): Promise<Downloaded> {
  const part = await claimPart(folder, address);
  try {
    for (let failures = 0; ;) {
      const before = await sizeOf(part.file);
      try {
        const etag = await readOnce(reader, address, part, onBytes, signal);
        await rm(part.etagFile, { force: true });
        return { file: part.file, etag };
      } catch (error) {
        signal?.throwIfAborted();
        if (!mayPass(address, error)) throw error;
        failures = (await sizeOf(part.file)) > before ? 1 : failures + 1;
        if (failures >= TRIES) throw error;
        await setTimeout(pauseMs * 2 ** (failures - 1), undefined, { signal });
      }
    }
  } catch (error) {
    await part.release();
    throw error;
  }
}

/** An object store has one code for what the network does. */
function mayPass(address: string, error: unknown): boolean {
  return (
    error instanceof PassingFailure ||
    (error instanceof MlopsError && error.code === 'MLOPS_REMOTE_UNREACHABLE' && address.startsWith('s3://'))
  );
}

async function readOnce(
  reader: AddressReader,
  address: string,
  { file, etagFile }: Part,
  onBytes: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const start = await sizeOf(file);
  const etag = start === 0 ? undefined : await readFile(etagFile, 'utf8').catch(() => undefined);
  const answer = await reader.read(address, etag === undefined ? undefined : { start, etag }, signal);
  const begin = answer.start;
  // A weak etag does not promise the same bytes, so parts of two answers must not be put together.
  const canResume = answer.etag !== undefined && !answer.etag.startsWith('W/');
  if (begin > start) {
    throw new MlopsError(
      'MLOPS_REMOTE_FAILED',
      `${shownAddress(address)} was asked for from byte ${start} and came from byte ${begin}. Its server does not keep to HTTP.`,
    );
  }
  if (begin < start) await truncate(file, begin).catch(() => undefined);
  if (canResume) await writeFile(etagFile, answer.etag as string);
  else await rm(etagFile, { force: true });
  onBytes(begin === start ? 0 : -start);
  try {
    // Chunk by chunk, not by a pipeline: that would drop what has arrived when the connection breaks.
    const handle = await open(file, begin === 0 ? 'w' : 'a');
    try {
      for await (const chunk of answer.body) {
        signal?.throwIfAborted();
        await handle.writeFile(chunk);
        onBytes(chunk.byteLength);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MlopsError) throw error;
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new MlopsError(
        'MLOPS_DISK_FULL',
        `There is no room for ${shownAddress(address)} on this disk (${messageOf(error)}). Make room and run again; what has arrived is kept.`,
        {},
        { cause: error },
      );
    }
    // Of this machine, not of the connection.
    if (syscall === 'open' || syscall === 'write') throw error;
    throw cutShort(address, messageOf(error), error);
  }
  const size = await sizeOf(file);
  if (answer.size !== undefined && size !== answer.size) {
    if (size > answer.size) await truncate(file, 0);
    throw cutShort(address, `${size} of ${answer.size} bytes arrived`);
  }
  return answer.etag;
}

function cutShort(address: string, said: string, cause?: unknown): PassingFailure {
  return new PassingFailure(
    'MLOPS_REMOTE_UNREACHABLE',
    `${shownAddress(address)} broke off (${said}). Run again; what has arrived is kept.`,
    {},
    { cause },
  );
}

interface Part {
  readonly file: string;
  readonly etagFile: string;
  /** Leaves it to the next run. */
  release(): Promise<void>;
}

/**
 * A place for the bytes that is this process' alone: what an earlier run left is taken over by renaming it, which only
 * one process can.
 */
async function claimPart(folder: string, address: string): Promise<Part> {
  await mkdir(folder, { recursive: true });
  const name = sha256OfBytes(address).slice(0, 32);
  const place = (owner: string) => ({
    file: join(folder, `${name}${owner}.part`),
    etagFile: join(folder, `${name}${owner}.etag`),
  });
  const mine = place(`.${process.pid}.${Math.random().toString(36).slice(2, 8)}`);
  for (const left of await leftBehind(folder, name)) {
    const from = place(left);
    try {
      await rename(from.file, mine.file);
    } catch {
      continue;
    }
    await rename(from.etagFile, mine.etagFile).catch(() => undefined);
    break;
  }
  return {
    ...mine,
    release: async () => {
      const free = place('');
      await rename(mine.etagFile, free.etagFile).catch(() => undefined);
      await rename(mine.file, free.file).catch(() => undefined);
    },
  };
}

/** Parts that nobody works on: released ones, and those of processes that are gone. */
async function leftBehind(folder: string, name: string): Promise<string[]> {
  return (await readdir(folder)).flatMap((file) => {
    if (!file.startsWith(name) || !file.endsWith('.part')) return [];
    const owner = file.slice(name.length, -'.part'.length);
    const pid = /^\.(\d+)\./.exec(owner)?.[1];
    return pid === undefined || !isAlive(Number(pid)) ? [owner] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
