import { rollbackTarget } from '../decide';
import type { ModelState } from '../state';

/** What MLflow's users look for, of the environment that users see. */
const ROLES = ['champion', 'challenger', 'previous'];

/** The alias of an environment; undefined where MLflow would not take the name, or it means something else. */
export function aliasOfEnvironment(environment: string): string | undefined {
  const alias = environment.toLowerCase();
  const isReserved = alias === 'latest' || /^v\d+$/.test(alias) || ROLES.includes(alias);
  return /^[a-z0-9_-]+$/.test(alias) && !isReserved ? alias : undefined;
}

/**
 * What the aliases of a model are to be, lower case, for MLflow does not tell `Champion` from `champion` everywhere.
 *
 * - `champion`: what the last environment serves
 * - `challenger`: the candidate of the rollout under way there, else what the environment before serves, unless that
 *   is the champion
 * - `previous`: what a rollback of the last environment would bring back
 * - one for each environment: what it serves
 *
 * @param environments in order of promotion; without them there are only aliases of environments
 * @returns by alias the number of the version, undefined where there is to be none
 */
export function aliasesOf(
  state: ModelState,
  environments: readonly string[],
): ReadonlyMap<string, number | undefined> {
  const aliases = new Map<string, number | undefined>();
  for (const environment of new Set([...environments, ...state.deployments.keys()])) {
    const alias = aliasOfEnvironment(environment);
    if (alias !== undefined) aliases.set(alias, state.deployments.get(environment)?.version);
  }
  const last = environments.at(-1);
  if (last === undefined) return aliases;
  const before = environments.at(-2);
  const champion = state.deployments.get(last)?.version;
  const next = before === undefined ? undefined : state.deployments.get(before)?.version;
  const candidate = state.active.get(last)?.candidate.version ?? next;
  aliases.set('champion', champion);
  aliases.set('challenger', candidate === champion ? undefined : candidate);
  aliases.set('previous', rollbackTarget(state, last)?.version);
  return aliases;
}
