import { MlopsError, writeAtomically, type FileDigest } from '@nx-mlops/core';
import { readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { hashFile } from './hash-file';
import { decodeStatRecords, encodeStatRecords, type StatRecords } from './stat-cache-text';
import { sizeOfStat, statText } from './stat-text';

/**
 * A file written this shortly before it was hashed may be written again without its time stamp showing it, for the
 * clock of a file system can be as coarse as two seconds (FAT). Its digest is not kept.
 */
const RACY_MS = 2000;

export interface StatCacheOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /**
   * Whether a change of the file's status alone (ctime) counts as a change. It finds files that were written and had
   * their modification time set back, as `cp -p` over a file does, so sources are looked at so. Files that only we write
   * are not: a hard link to one changes its status. @default false
   */
  readonly changeTime?: boolean;
}

/**
 * Digests of files that have not changed since they were hashed, by path, size, modification time and inode; see
 * docs/decisions/0007-stat-cache.md. It only saves time: a lost, broken or outdated cache costs a hashing, never a wrong
 * digest.
 */
export class StatCache {
  private readonly changed: StatRecords = new Map();
  private readonly seen = new Set<string>();
  private decoded: StatRecords | undefined;
  private readonly now: () => number;
  private readonly changeTime: boolean;

  private constructor(
    private readonly file: string,
    private readonly folder: string,
    private text: string,
    private stamp: string,
    { now = Date.now, changeTime = false }: StatCacheOptions,
  ) {
    this.now = now;
    this.changeTime = changeTime;
  }

  /**
   * @param file absolute; where there is none, or a broken one, the cache starts empty
   * @param folder absolute; the paths in the cache are relative to it, so that the folder may be moved
   */
  static async load(file: string, folder: string, options: StatCacheOptions = {}): Promise<StatCache> {
    const { text, stamp } = await readText(file);
    return new StatCache(file, folder, text, stamp, options);
  }

  /** What the file held is taken apart when it is first needed, or here, while something else is being waited for. */
  open(): void {
    this.decoded ??= decodeStatRecords(this.text);
    this.text = '';
  }

  private get records(): StatRecords {
    this.open();
    return this.decoded as StatRecords;
  }

  /**
   * The digest of a file, from the cache where its stat is unchanged, else by reading it.
   *
   * @param file absolute
   * @throws MlopsError MLOPS_FILE_CHANGED when the file is written to while it is read; the error of Node when it
   *   cannot be read
   */
  async digestOf(file: string, signal?: AbortSignal): Promise<FileDigest> {
    const before = statText(await stat(file, { bigint: true }));
    const size = sizeOfStat(before);
    const path = this.pathOf(file);
    const known = this.known(path, before);
    if (known !== undefined) return { sha256: known, size };
    const startedAt = this.now();
    const sha256 = await hashFile(file, signal);
    if (statText(await stat(file, { bigint: true })) !== before) throw fileChanged(path);
    this.remember(path, { sha256, stat: before }, startedAt);
    return { sha256, size };
  }

  /**
   * The digest of a file whose stat is as it was when the digest was taken, else undefined.
   *
   * @param path relative to the folder of the cache, forward slashes
   * @param stat as it is now, from `statText`
   */
  known(path: string, stat: string): string | undefined {
    this.seen.add(path);
    const record = this.records.get(path);
    if (record === undefined) return undefined;
    const before = record.slice(65);
    const isSame = this.changeTime ? before === stat : withoutChangeTime(before) === withoutChangeTime(stat);
    return isSame ? record.slice(0, 64) : undefined;
  }

  /**
   * Keeps the digest of a file that was read, unless it was written to just before.
   *
   * @param path relative to the folder of the cache, forward slashes
   * @param hashed digest, and the stat of the bytes that it is of, from `statText`
   * @param startedAt when reading began, by the clock of `now`
   */
  remember(
    path: string,
    hashed: { readonly sha256: string; readonly stat: string },
    startedAt: number,
  ): void {
    const [, mtimeNs, , ctimeNs] = hashed.stat.split(' ').map(Number) as [number, number, number, number];
    const writtenAt = (this.changeTime ? Math.max(mtimeNs, ctimeNs) : mtimeNs) / 1e6;
    if (startedAt - writtenAt <= RACY_MS) return;
    const record = `${hashed.sha256} ${hashed.stat}`;
    this.records.set(path, record);
    this.changed.set(path, record);
    this.seen.add(path);
  }

  /** Drops files that nobody asked for since the cache was loaded, once they are more than the others. */
  forgetUnseen(): void {
    if (this.records.size <= 2 * this.seen.size) return;
    this.decoded = new Map([...this.records].filter(([path]) => this.seen.has(path)));
    this.changed.clear();
    for (const [path, record] of this.records) this.changed.set(path, record);
    this.stamp = FORGET;
  }

  /** Writes what is new, together with what others have written since the cache was loaded. */
  async save(): Promise<void> {
    if (this.changed.size === 0) return;
    if (this.stamp !== FORGET && (await stampOf(this.file)) !== this.stamp) {
      const records = decodeStatRecords((await readText(this.file)).text);
      for (const [path, record] of this.changed) records.set(path, record);
      this.decoded = records;
    }
    await writeAtomically(this.file, encodeStatRecords(this.records));
    this.stamp = await stampOf(this.file);
    this.changed.clear();
  }

  private pathOf(file: string): string {
    return relative(this.folder, file).split(sep).join('/');
  }
}

/** @param file as the reader knows it */
export function fileChanged(file: string): MlopsError {
  return new MlopsError(
    'MLOPS_FILE_CHANGED',
    'was written to while it was being read. Run again once nothing writes to it.',
    { file },
  );
}

/** Digests of a dataset's source files; of each dataset its own, so that it costs what its own files cost. */
export function loadSourceStatCache(project: { readonly folder: string }, file: string): Promise<StatCache> {
  return StatCache.load(join(project.folder, file), project.folder, { changeTime: true });
}

/** Stands for a file that is to be written over, whatever it holds. */
const FORGET = 'forget';

function withoutChangeTime(text: string): string {
  return text.slice(0, text.lastIndexOf(' '));
}

async function readText(file: string): Promise<{ text: string; stamp: string }> {
  const stamp = await stampOf(file);
  // Missing or unreadable: the cache is only a saving of time.
  return { text: await readFile(file, 'utf8').catch(() => ''), stamp };
}

async function stampOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(statText, () => 'none');
}
