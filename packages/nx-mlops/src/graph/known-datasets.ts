import type { ModelSummary } from './config-summary';

/** The datasets of a workspace by project name, with their splits; undefined splits where the config is broken. */
export type KnownDatasets = ReadonlyMap<string, readonly string[] | undefined>;

/** Whether every split that a model names exists, as far as the datasets' configs can be read. */
export function referencesExist({ datasets }: ModelSummary, known: KnownDatasets): boolean {
  return Object.values(datasets).every(
    (reference) =>
      reference === undefined ||
      (known.has(reference.dataset) && (known.get(reference.dataset)?.includes(reference.split) ?? true)),
  );
}
