import type { FileSourceConfig } from '@nx-mlops/core';
import type { DatasetProject } from '../dataset-project';
import { addressesOf } from '../sources/addresses-of-source';
import { isAddress } from '../sources/source-address';
import { patternsOf, sourceFiles } from '../sources/source-files';
import type { Amount } from './file-progress';
import { statFiles, type SeenFiles } from './stat-files';

/** A source as its config names it, with the files that are there now. */
export interface SeenSource {
  /** Paths, globs and addresses of the config. */
  readonly patterns: readonly string[];
  readonly addresses: readonly string[];
  /** The files of this machine in the order of the lock, in parts. */
  readonly seen: readonly SeenFiles[];
}

/** The sources of a config that are files, by name, as far as finding them needs it. */
export type SourcePaths = Readonly<Record<string, Pick<FileSourceConfig, 'path'>>>;

export interface LookOptions {
  readonly signal?: AbortSignal;
  /** Gives the files of the paths of a source. @default sourceFiles */
  readonly filesOf?: typeof sourceFiles;
}

/**
 * Finds the files of sources and looks at them, without reading any.
 *
 * @returns by the names of the sources
 * @throws MlopsError as `sourceFiles` and `statFiles`; MLOPS_SOURCE_ADDRESS; the reason of the signal
 */
export async function lookAtSources(
  project: DatasetProject,
  sources: SourcePaths,
  { signal, filesOf = sourceFiles }: LookOptions = {},
): Promise<Map<string, SeenSource>> {
  const found = new Map<string, SeenSource>();
  for (const [name, source] of Object.entries(sources)) {
    const patterns = patternsOf(source);
    const addresses = addressesOf(project, name, source);
    const local = patterns.filter((pattern) => !isAddress(pattern));
    const seen = await statFiles(project, filesOf(project, name, local), signal);
    found.set(name, { patterns, addresses, seen });
  }
  return found;
}

/** How much the files of sources are; one of two sources counts in both. */
export function amountSeen(sources: ReadonlyMap<string, SeenSource>): Amount {
  const parts = [...sources.values()].flatMap(({ seen }) => seen);
  return {
    files: parts.reduce((sum, { files }) => sum + files, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
