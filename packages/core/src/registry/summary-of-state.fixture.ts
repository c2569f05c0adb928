import type { Deployment, ModelState } from './state';
import { summaryOfRollout, type EnvironmentSummary, type ModelSummary } from './summary';

/** The summary of the fold of a whole log, with its blocked digests sorted: what `summaryAfter` must come to. */
export function summaryOfState(state: ModelState): ModelSummary {
  const numbers = [...state.versions.keys()];
  const names = new Set([...state.deployments.keys(), ...state.active.keys(), ...state.blocked.keys()]);
  const environments: Record<string, EnvironmentSummary> = {};
  for (const name of names) {
    const deployment: Deployment | undefined = state.deployments.get(name);
    const active = state.active.get(name);
    const blocked = [...(state.blocked.get(name) ?? [])].sort();
    if (deployment === undefined && active === undefined && blocked.length === 0) continue;
    environments[name] = {
      ...(deployment === undefined ? {} : { deployment }),
      ...(active === undefined ? {} : { rollout: summaryOfRollout(active) }),
      blocked,
    };
  }
  return {
    model: state.model,
    versions: numbers.length,
    ...(numbers.length === 0 ? {} : { lastVersion: Math.max(...numbers) }),
    environments,
    lastSeq: state.lastSeq,
    ...(state.lastAt === undefined ? {} : { lastAt: state.lastAt }),
  };
}

/** With its blocked digests sorted, for comparison. */
export function sortedSummary(summary: ModelSummary): ModelSummary {
  const environments = Object.entries(summary.environments).map(([name, each]) => [
    name,
    { ...each, blocked: [...each.blocked].sort() },
  ]);
  return { ...summary, environments: Object.fromEntries(environments) as ModelSummary['environments'] };
}
