import type { SplitReference } from '../config-summary';
import type { ResolvedOptions } from '../plugin-options';
import type { Dependency } from './target-context';

/** Each dataset of these splits is validated first. */
export function validatedDatasets(
  splits: readonly SplitReference[],
  { targetNames }: ResolvedOptions,
): Dependency {
  const projects = [...new Set(splits.map(({ dataset }) => dataset))].sort();
  return { projects, target: targetNames.validate };
}
