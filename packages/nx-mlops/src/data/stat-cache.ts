import { MlopsError, canonicalJson, writeAtomically, type FileDigest } from '@nx-mlops/core';
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { z } from 'zod';
import { hashFile } from './hash-file';

const entrySchema = z.strictObject({
  size: z.int().min(0),
  /** Nanoseconds since the epoch and the inode are beyond what a JSON number holds. */
  mtimeNs: z.string(),
  inode: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type Entry = z.infer<typeof entrySchema>;

const fileSchema = z.strictObject({ version: z.literal(1), files: z.record(z.string(), entrySchema) });

/**
 * A file written this shortly before it was hashed may be written again without its time stamp showing it, for the
 * clock of a file system can be as coarse as two seconds (FAT). Its digest is not kept.
 */
const RACY_MS = 2000;

/**
 * Digests of files that have not changed since they were hashed, by path, size, modification time and inode.
 * It only saves time: a lost, broken or outdated cache costs a hashing, never a wrong digest.
 */
export class StatCache {
  private readonly changed = new Map<string, Entry>();

  private constructor(
    private readonly file: string,
    private readonly workspaceRoot: string,
    private readonly entries: Map<string, Entry>,
    private readonly now: () => number,
  ) {}

  /** @param file absolute; where there is none, or a broken one, the cache starts empty */
  static async load(file: string, workspaceRoot: string, now: () => number = Date.now): Promise<StatCache> {
    return new StatCache(file, workspaceRoot, await readEntries(file), now);
  }

  /**
   * The digest of a file, from the cache where its stat is unchanged, else by reading it.
   *
   * @throws MlopsError MLOPS_FILE_CHANGED when the file is written to while it is read; the error of Node when it
   *   cannot be read
   */
  async digestOf(file: string, signal?: AbortSignal): Promise<FileDigest> {
    const before = await stat(file, { bigint: true });
    const key = this.keyOf(file);
    const known = this.entries.get(key);
    if (known !== undefined && isSame(known, before)) return { sha256: known.sha256, size: known.size };
    const startedAt = this.now();
    const sha256 = await hashFile(file, signal);
    const entry = { ...entryOf(before), sha256 };
    if (!isSame(entry, await stat(file, { bigint: true }))) {
      throw new MlopsError(
        'MLOPS_FILE_CHANGED',
        'was written to while it was being read. Run again once nothing writes to it.',
        { file: key },
      );
    }
    if (startedAt - Number(before.mtimeMs) > RACY_MS) {
      this.entries.set(key, entry);
      this.changed.set(key, entry);
    }
    return { sha256, size: entry.size };
  }

  /** Writes what is new, together with what others have written since the cache was loaded. */
  async save(): Promise<void> {
    if (this.changed.size === 0) return;
    const merged = new Map([...(await readEntries(this.file)), ...this.changed]);
    await writeAtomically(this.file, canonicalJson({ version: 1, files: Object.fromEntries(merged) }));
    this.changed.clear();
  }

  private keyOf(file: string): string {
    return relative(this.workspaceRoot, file).split(sep).join('/');
  }
}

function entryOf(stats: BigIntStats): Omit<Entry, 'sha256'> {
  return { size: Number(stats.size), mtimeNs: String(stats.mtimeNs), inode: String(stats.ino) };
}

function isSame(entry: Omit<Entry, 'sha256'>, stats: BigIntStats): boolean {
  const other = entryOf(stats);
  return entry.size === other.size && entry.mtimeNs === other.mtimeNs && entry.inode === other.inode;
}

async function readEntries(file: string): Promise<Map<string, Entry>> {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return new Map(parsed.success ? Object.entries(parsed.data.files) : []);
  } catch {
    // Missing or half-written: the cache is only a saving of time.
    return new Map();
  }
}
