import type { ModelState } from './state';

export interface KeepPolicy {
  /** By environment, how many versions that served there last are kept; other environments keep what serves. */
  readonly served: Readonly<Record<string, number>>;
  /** How many versions that were registered last are kept, served or not. */
  readonly newest: number;
}

/**
 * Versions whose bytes may go: neither serving nor on their way anywhere, nor among those that an environment keeps to go
 * back to, nor among the newest, nor gone already. In ascending order.
 */
export function prunableVersions(state: ModelState, { served, newest }: KeepPolicy): number[] {
  const kept = new Set([...state.versions.keys()].sort((a, b) => b - a).slice(0, newest));
  for (const { version } of state.deployments.values()) kept.add(version);
  for (const { candidate } of state.active.values()) kept.add(candidate.version);
  for (const [environment, deployments] of state.past) {
    const last = new Set(deployments.map(({ version }) => version).reverse());
    for (const version of [...last].slice(0, served[environment] ?? 1)) kept.add(version);
  }
  return [...state.versions.keys()]
    .filter((version) => !kept.has(version) && !state.pruned.has(version))
    .sort((a, b) => a - b);
}
