import type { ObjectStore } from '@nx-mlops/core';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

const MAX_RESUMES = 3;
const PAUSE_MS = 200;

/**
 * The bytes of an object. Where its stream breaks off it goes on by a range: a client of Nx that was promised an entry and
 * does not get all of it stops the run.
 *
 * @param found as the store gave it
 * @param signal aborts when nobody wants the rest
 * @throws the error of the stream when it broke off too often, or another object is there by now
 */
export async function* resumedBody(
  store: ObjectStore,
  found: NonNullable<Awaited<ReturnType<ObjectStore['get']>>>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { key, size, etag } = found.info;
  let body: Readable = found.body;
  let sent = 0;
  const give = () => body.destroy();
  signal.addEventListener('abort', give, { once: true });
  try {
    for (let resumes = 0; ; resumes++) {
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          sent += chunk.length;
          yield chunk;
        }
        if (sent >= size) return;
        throw new Error(`The store gave ${sent} of ${size} bytes of ${key}.`);
      } catch (error) {
        if (signal.aborted || resumes === MAX_RESUMES) throw error;
        await setTimeout(PAUSE_MS, undefined, { signal });
        const rest = await store.get(key, { range: { start: sent, end: size - 1 }, signal });
        if (rest === undefined || rest.info.etag !== etag) throw error;
        body = rest.body;
      }
    }
  } finally {
    signal.removeEventListener('abort', give);
  }
}
