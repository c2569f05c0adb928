import { layout, writeAtomically } from '@nx-mlops/core/light';
import { createHash, hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readPluginVersion } from '../../plugin-version';
import type { DatasetProject } from '../dataset-project';
import { READ_BYTES, hashFileNow } from './hash-file-now';
import type { SeenSource, SourcePaths } from './look-at-sources';
import { statText } from './stat-text';

/** Another number where the same files would give another lock, or where another thing is kept. */
const TITLE = 'nx-mlops unchanged sources 2';

/** What was there when a lock last fitted the files. */
interface UnchangedSources {
  /** Of the plugin: another one may read another thing from the same config. */
  readonly version: string;
  /** Digest of the config's text, where the sources are known to be what it says. */
  readonly config?: string;
  readonly sources: SourcePaths;
  /** Digest of the lock's bytes. */
  readonly lock: string;
  /** Stat of the stat cache, from `statText`. */
  readonly statCache: string;
  /** Digest of the sources with the names and the whole stat of their files. */
  readonly seen: string;
}

/**
 * Whether everything is as it was when `rememberUnchanged` was last called: the paths in the config, the names and the
 * whole stat of the files, and the bytes of the lock. Then the lock fits the files, for it did so then, and neither it
 * nor the stat cache has to be taken apart. Nothing is trusted beyond what the stat cache trusts; where that was lost or
 * written anew, the answer is no. See docs/decisions/0010-no-op-lock.md.
 */
export async function areUnchanged(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
): Promise<boolean> {
  const remembered = await recall(project);
  return remembered !== undefined && remembered.seen === digestOfSeen(sources);
}

/**
 * The sources that a config names, known without taking it apart: where its text, the lock and the stat cache are as they
 * were when `rememberUnchanged` was last called. Whether the files are too is to be looked at: `areSeenAgain`.
 *
 * @param configText of `dataset.config.json`
 */
export async function recallSources(
  project: DatasetProject,
  configText: string,
): Promise<RecalledSources | undefined> {
  const remembered = await recall(project);
  if (remembered === undefined || remembered.config !== digestOf(configText)) return undefined;
  return {
    sources: remembered.sources,
    areSeenAgain: (sources) => digestOfSeen(sources) === remembered.seen,
  };
}

export interface RecalledSources {
  readonly sources: SourcePaths;
  /** Whether the files are as they were; then all is as `areUnchanged` has it. */
  readonly areSeenAgain: (sources: ReadonlyMap<string, SeenSource>) => boolean;
}

/**
 * Keeps for `areUnchanged` and `recallSources` that a lock fits the files. Only for files that the stat cache, as it is
 * on the disk by now, knows from the stat that they were seen with; of what lies at an address only its server could say.
 *
 * @param lock digest of the file's bytes
 * @param configText that the sources were read from, where it is at hand
 */
export async function rememberUnchanged(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
  { lock, configText }: { readonly lock: string; readonly configText?: string },
): Promise<void> {
  const statCache = await statOfCache(project);
  const isAnyRemote = [...sources.values()].some(({ addresses }) => addresses.length > 0);
  if (statCache === undefined || isAnyRemote) return;
  await keep(project, {
    version: readPluginVersion(),
    ...(configText === undefined ? {} : { config: digestOf(configText) }),
    sources: Object.fromEntries([...sources].map(([name, { patterns }]) => [name, { path: [...patterns] }])),
    lock,
    statCache,
    seen: digestOfSeen(sources),
  });
}

/**
 * Where all is unchanged by `areUnchanged`: keeps the text that the sources were read from, too, so that `recallSources`
 * knows it. Another process may have kept other sources by now, and the text is not of those.
 */
export async function rememberConfig(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
  configText: string,
): Promise<void> {
  const remembered = await recall(project);
  if (remembered === undefined || remembered.seen !== digestOfSeen(sources)) return;
  await keep(project, { ...remembered, config: digestOf(configText) });
}

/** What was kept, if lock and stat cache are as they were then. */
async function recall(project: DatasetProject): Promise<UnchangedSources | undefined> {
  const text = await readFile(join(project.folder, layout.unchangedSources), 'utf8').catch(() => '');
  const remembered = decode(text);
  if (remembered === undefined || remembered.version !== readPluginVersion()) return undefined;
  if (remembered.statCache !== (await statOfCache(project))) return undefined;
  return remembered.lock === digestOfLock(project) ? remembered : undefined;
}

/** A disk that takes no file costs time at the next lock and nothing else. */
async function keep(project: DatasetProject, unchanged: UnchangedSources): Promise<void> {
  const body = JSON.stringify(unchanged);
  const text = `${TITLE} ${digestOf(body)}\n${body}\n`;
  await writeAtomically(join(project.folder, layout.unchangedSources), text).catch(() => undefined);
}

/** Undefined for what is not whole, or not ours. The digest in front finds any damage, so no schema has to. */
function decode(text: string): UnchangedSources | undefined {
  const at = text.indexOf('\n') + 1;
  const body = text.slice(at, -1);
  if (text !== `${TITLE} ${digestOf(body)}\n${body}\n`) return undefined;
  return JSON.parse(body) as UnchangedSources;
}

function digestOfSeen(sources: ReadonlyMap<string, SeenSource>): string {
  const sum = createHash('sha256');
  for (const [name, { patterns, seen }] of sources) {
    // Each part says how many files it has, so no two states have the same bytes.
    sum.update(JSON.stringify([name, patterns, seen.map(({ files }) => files)]));
    for (const { paths, states } of seen) sum.update(paths).update('\0').update(states);
  }
  return sum.digest('hex');
}

function statOfCache(project: DatasetProject): Promise<string | undefined> {
  return stat(join(project.folder, layout.sourceStatCache), { bigint: true }).then(statText, () => undefined);
}

function digestOfLock(project: DatasetProject): string | undefined {
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    return hashFileNow(join(project.folder, layout.datasetLock), buffer, () => true)?.sha256;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}
