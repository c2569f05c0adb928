import { type FileDigest } from '@nx-mlops/core';
import { z } from 'zod';
import { PACK_FILES, PACK_SIZE } from './remote-layout';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `packs/index/<hex>.json`. */
export const packIndexSchema = z.strictObject({
  version: z.literal(1),
  /** Bytes of the pack. */
  size: z.int().min(0),
  /** Digest and size of each file, in the order in which they lie in the pack, without gaps. */
  files: z.array(z.tuple([sha256, z.int().min(0)])),
});
export type PackIndex = z.infer<typeof packIndexSchema>;

/** Where a file lies in a pack. */
export interface PackedFile {
  readonly digest: FileDigest;
  /** Bytes from the start of the pack. */
  readonly offset: number;
}

/** The files of a pack with their places. */
export function* packedFiles({ files }: PackIndex): Generator<PackedFile> {
  let offset = 0;
  for (const [sha256, size] of files) {
    yield { digest: { sha256, size }, offset };
    offset += size;
  }
}

/** Divides small files into packs, in their order, so that what lies together stays together. */
export function planPacks<Item extends { readonly digest: FileDigest }>(items: readonly Item[]): Item[][] {
  const packs: Item[][] = [];
  let current: Item[] = [];
  let size = 0;
  for (const item of items) {
    if (current.length === PACK_FILES || (current.length > 0 && size + item.digest.size > PACK_SIZE)) {
      packs.push(current);
      current = [];
      size = 0;
    }
    current.push(item);
    size += item.digest.size;
  }
  if (current.length > 0) packs.push(current);
  return packs;
}

/** Files further apart than this are fetched by two requests. Bytes. */
const GAP = 256 * 1024;
/** Of one request, which is held in memory. Bytes. */
const LONGEST_RUN = 8 * 1024 * 1024;

/** Files of a pack that one request fetches. */
export interface PackRun {
  /** First byte and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** In the order in which they lie there. */
  readonly files: readonly PackedFile[];
}

/** Groups wanted files of one pack so that neighbours come by one request. */
export function planRuns(files: readonly PackedFile[]): PackRun[] {
  const runs: { start: number; end: number; files: PackedFile[] }[] = [];
  for (const file of [...files].sort((a, b) => a.offset - b.offset || a.digest.size - b.digest.size)) {
    const last = runs.at(-1);
    const end = file.offset + file.digest.size;
    if (last !== undefined && file.offset - last.end <= GAP && end - last.start <= LONGEST_RUN) {
      last.end = end;
      last.files.push(file);
    } else {
      runs.push({ start: file.offset, end, files: [file] });
    }
  }
  return runs;
}
