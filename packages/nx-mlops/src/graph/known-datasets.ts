import { datasetsOf, referencesOf, type ConfigSummary, type DatasetSummary } from './config-summary';

/** The datasets of a workspace by project name; undefined where the config is broken. */
export type KnownDatasets = ReadonlyMap<string, Pick<DatasetSummary, 'splits' | 'upstream'> | undefined>;

/** Whether every split that a config names exists, as far as the datasets' configs can be read. */
export function referencesExist(summary: ConfigSummary, known: KnownDatasets): boolean {
  return referencesOf(summary).every(
    ({ reference: { dataset, split } }) =>
      known.has(dataset) && (known.get(dataset)?.splits.includes(split) ?? true),
  );
}

/**
 * A way along which a dataset is made from itself: `[a, b, a]`, each made from the next; undefined when there is none.
 * A dataset that is only made from one on a cycle is on none.
 */
export function cycleOf(name: string, known: KnownDatasets): string[] | undefined {
  const seen = new Set<string>();
  const follow = (way: readonly string[]): string[] | undefined => {
    const dataset = known.get(way.at(-1) as string);
    if (dataset === undefined) return undefined;
    for (const next of datasetsOf({ kind: 'dataset', ...dataset })) {
      if (next === name) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow([...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return follow([name]);
}
