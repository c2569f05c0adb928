import { fileSourcesOf, layout, type DatasetConfig } from '@nx-mlops/core';
import { join } from 'node:path';
import { checkLock } from './check-lock';
import { nameOfFile, type DatasetProject } from './dataset-project';
import { fetchSourceFiles } from './remote/fetch-source-files';
import { formatOfSource } from './source-format';
import type { SourceTable } from './source-query';
import type { StatCache } from './stat-cache';

/**
 * The sources of a dataset as files of this machine, by name, checked against the lock.
 *
 * @throws MlopsError MLOPS_SOURCE_FORMAT; what `checkLock` throws
 */
export async function localSources(
  project: DatasetProject,
  config: DatasetConfig,
  {
    statCache,
    print,
    signal,
  }: {
    readonly statCache: StatCache;
    readonly print?: (line: string) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Map<string, SourceTable>> {
  await fetchSourceFiles(project, { statCache, print, signal });
  const lock = await checkLock(project, config, statCache, signal);
  return new Map(
    Object.entries(fileSourcesOf(config)).map(([name, source]) => {
      const paths = (lock.sources[name]?.files ?? []).map(({ path }) => path);
      const format = formatOfSource(paths, source.format, {
        file: nameOfFile(project, layout.datasetConfig),
        path: `sources.${name}`,
      });
      return [name, { format, files: paths.map((path) => join(project.folder, path)), types: source.types }];
    }),
  );
}
