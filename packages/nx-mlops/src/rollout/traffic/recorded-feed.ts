import {
  MlopsError,
  addRecord,
  emptyWindow,
  isInWindow,
  parseTrafficRecord,
  type TrafficFeed,
  type TrafficWindow,
} from '@nx-mlops/core';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeLines } from './whole-lines';

const ENDING = '.jsonl';

/**
 * A feed of lines that were recorded in a file, or in the `*.jsonl` files of a folder, one for each server or day. Only the
 * counters are held in memory, however long the files are.
 *
 * @param path absolute
 * @param description as the config names it
 */
export function recordedFeed(path: string, description: string): TrafficFeed {
  return {
    description,
    async read(query) {
      let window = emptyWindow(query);
      for (const file of await filesOf(path, description)) {
        window = await addFile(window, file, new Set(query.versions));
      }
      return window;
    },
  };
}

async function filesOf(path: string, description: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith(ENDING))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, description, error);
  }
}

async function addFile(
  window: TrafficWindow,
  file: string,
  versions: ReadonlySet<number>,
): Promise<TrafficWindow> {
  // The names hold no character that JSON may write otherwise, so a line without them is of something else.
  const names = [window.model, window.environment].map((name) => JSON.stringify(name));
  let result = window;
  try {
    for await (const { text, number } of wholeLines(createReadStream(file, 'utf8'), file)) {
      if (!names.every((name) => text.includes(name))) continue;
      const record = parseTrafficRecord(text, { file, line: number });
      if (versions.has(record.version) && isInWindow(window, record)) result = addRecord(result, record);
    }
  } catch (error) {
    if (error instanceof MlopsError) throw error;
    throw unreadable(file, file, error);
  }
  return result;
}

function unreadable(path: string, description: string, cause: unknown): MlopsError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read (${code ?? String(cause)})`;
  return new MlopsError(
    'MLOPS_TRAFFIC_UNREADABLE',
    `the traffic feed ${description}: ${why}. Mend "traffic" of the environment in mlops.json, or have the server write there; an empty folder is a feed without traffic.`,
    { file: path },
    { cause },
  );
}
