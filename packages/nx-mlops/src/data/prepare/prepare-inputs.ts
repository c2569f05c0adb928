import { fileSourcesOf, splitSourcesOf, type DatasetConfig } from '@nx-mlops/core';
import type { DatasetProject } from '../dataset-project';
import { localSources, type LocalSource, type LocalSourcesOptions } from '../sources/local-sources';
import type { LocalSplit } from '../local-split';
import type { SourceTable } from '../sources/source-query';

/** Opens a split of another dataset by its reference, such as `flights:train`: fetched or prepared again where missing. */
export type OpenSplit = (reference: string) => Promise<LocalSplit>;

/** What a dataset is made from, on this machine and checked, by name of the source. */
export interface PrepareInputs {
  readonly files: ReadonlyMap<string, LocalSource>;
  readonly splits: ReadonlyMap<string, LocalSplit>;
}

/**
 * Brings everything that a dataset is made from onto this machine. A dataset that is made from other datasets alone
 * needs no lock: their manifests pin their bytes.
 *
 * @throws MlopsError what `localSources` and `openSplit` throw
 */
export async function prepareInputs(
  project: DatasetProject,
  config: DatasetConfig,
  { openSplit, ...local }: LocalSourcesOptions & { readonly openSplit?: OpenSplit },
): Promise<PrepareInputs> {
  const hasFiles = Object.keys(fileSourcesOf(config)).length > 0;
  const files = hasFiles ? await localSources(project, config, local) : new Map<string, LocalSource>();
  const splits = new Map<string, LocalSplit>();
  for (const [name, { dataset }] of Object.entries(splitSourcesOf(config))) {
    if (openSplit === undefined) throw new Error(`Nothing opens ${dataset}, the source "${name}".`);
    splits.set(name, await openSplit(dataset));
  }
  return { files, splits };
}

/** All of them as tables, in the order of the config. */
export function tablesOf(config: DatasetConfig, inputs: PrepareInputs): Map<string, SourceTable> {
  return new Map(
    Object.keys(config.sources).flatMap((name): [string, SourceTable][] => {
      const split = inputs.splits.get(name);
      const table = split === undefined ? inputs.files.get(name) : tableOfSplit(split);
      // Files of any kind are for scripts alone.
      return table === undefined || table.format === 'files' ? [] : [[name, table]];
    }),
  );
}

function tableOfSplit({ path }: LocalSplit): SourceTable {
  return { format: 'parquet', files: [path] };
}
