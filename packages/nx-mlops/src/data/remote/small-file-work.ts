import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { storeBytesNow } from '../stored-file';
import { FilePlacer } from './place-file';

/** Puts files into the store that lie one after the other in `bytes`, perhaps with gaps. */
export interface StoreTask {
  readonly kind: 'store';
  /** Of the store, absolute. */
  readonly folder: string;
  readonly bytes: Uint8Array;
  /** `start` is in `bytes`, which may end too early for a file. */
  readonly files: readonly { readonly sha256: string; readonly size: number; readonly start: number }[];
}

/** Reads files to pack them. */
export interface ReadTask {
  readonly kind: 'read';
  /** `file` is absolute. */
  readonly files: readonly { readonly file: string; readonly sha256: string; readonly size: number }[];
}

/** Brings files of the store into place, as `FilePlacer`. */
export interface PlaceTask {
  readonly kind: 'place';
  /** Absolute. */
  readonly files: readonly { readonly stored: string; readonly target: string }[];
}

export type SmallFileTask = StoreTask | ReadTask | PlaceTask;

/** What became of a task. */
export type SmallFileAnswer =
  | { readonly kind: 'done' }
  /** The files one after the other. */
  | { readonly kind: 'read'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The bytes of the file of that index are not those that its digest says; the ones before it are done. */
  | { readonly kind: 'other-bytes'; readonly index: number };

const placer = new FilePlacer();

/** Does a task on this thread. @throws the error of Node when a file cannot be read or written */
export function doSmallFileTask(task: SmallFileTask): SmallFileAnswer {
  switch (task.kind) {
    case 'store': {
      const wrong = task.files.findIndex(({ start, ...digest }) => {
        return !storeBytesNow(task.folder, task.bytes.subarray(start, start + digest.size), digest);
      });
      return wrong < 0 ? { kind: 'done' } : { kind: 'other-bytes', index: wrong };
    }
    case 'read':
      return readAll(task.files);
    case 'place':
      for (const { stored, target } of task.files) placer.place(stored, target);
      return { kind: 'done' };
    default:
      return task satisfies never;
  }
}

function readAll(files: ReadTask['files']): SmallFileAnswer {
  const bytes = Buffer.from(new ArrayBuffer(files.reduce((sum, { size }) => sum + size, 0)));
  let at = 0;
  for (const [index, { file, sha256, size }] of files.entries()) {
    const place = bytes.subarray(at, at + size);
    if (!fill(place, file) || hash('sha256', place, 'hex') !== sha256) return { kind: 'other-bytes', index };
    at += size;
  }
  return { kind: 'read', bytes };
}

/** Reads a whole file. @returns whether it has just as many bytes as there is room */
function fill(room: Uint8Array, file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    let read = 0;
    while (read < room.length) {
      const more = readSync(descriptor, room, read, room.length - read, null);
      if (more === 0) return false;
      read += more;
    }
    return readSync(descriptor, new Uint8Array(1), 0, 1, null) === 0;
  } finally {
    closeSync(descriptor);
  }
}
