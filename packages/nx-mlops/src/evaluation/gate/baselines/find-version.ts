import {
  MlopsError,
  layout,
  specialBaselines,
  suggestion,
  type MlopsConfig,
  type ModelState,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { formatMoment } from '../../../reporting/format';
import type { Git } from './git';
import { fetchWholeHistory, isInHistoryOf, type MergeBase } from './merge-base';

/** The version that a baseline means, or why there is none, in a sentence. */
export type FoundVersion =
  { readonly version: VersionRecord; readonly because: string } | { readonly none: string };

/** Where versions are looked for. */
export interface VersionSearch {
  readonly registry: Registry;
  readonly mlops: Pick<MlopsConfig, 'environments'>;
  /** In the registry. */
  readonly state: ModelState;
  readonly git: Git;
  /** Asked for once, and only where a gate names it. */
  readonly mergeBase: () => Promise<MergeBase>;
}

/**
 * The version that a baseline means: what an environment serves, what the last one serves (`last-release`), or the
 * newest one registered at the merge base or before it (`merge-base`).
 *
 * @throws MlopsError MLOPS_UNKNOWN_BASELINE naming the nearest name; of the registry
 */
export async function findVersion(name: string, search: VersionSearch): Promise<FoundVersion> {
  const environments = search.mlops.environments.map((environment) => environment.name);
  if (environments.includes(name)) return servedIn(name, search);
  switch (name) {
    case 'last-release': {
      const last = environments.at(-1) as string;
      const found = await servedIn(last, search);
      return 'none' in found ? { none: `Nothing is released yet: ${found.none}` } : found;
    }
    case 'merge-base':
      return registeredAtMergeBase(search);
    default:
      throw new MlopsError(
        'MLOPS_UNKNOWN_BASELINE',
        `A gate compares with "${name}", which is no environment of ${layout.mlopsConfig}, nor ${specialBaselines.map((each) => `"${each}"`).join(' or ')}.${suggestion(name, [...environments, ...specialBaselines])}`,
        { file: layout.modelConfig, path: 'evaluation.gates' },
      );
  }
}

async function servedIn(environment: string, { registry, state }: VersionSearch): Promise<FoundVersion> {
  const deployment = state.deployments.get(environment);
  if (deployment === undefined) return { none: `${environment} serves no version of this model yet.` };
  const version = await registry.readVersion(state.model, deployment.version);
  return {
    version,
    because: `${environment} serves version ${deployment.version} since ${formatMoment(deployment.since)}.`,
  };
}

/**
 * By the commit that a version was registered at, since that is when its pipeline let it in: the commit that it was
 * trained at may be of a branch that was squashed away. Versions of before this was recorded have only that.
 */
async function registeredAtMergeBase({
  registry,
  state,
  git,
  mergeBase,
}: VersionSearch): Promise<FoundVersion> {
  const base = await mergeBase();
  if ('none' in base) return base;
  const numbers = [...state.versions.keys()].sort((a, b) => b - a);
  if (numbers.length === 0) return { none: 'No version of this model is registered yet.' };
  const short = base.commit.slice(0, 12);
  for (const number of numbers) {
    const version = await registry.readVersion(state.model, number);
    const commit = version.provenance.registeredCommit ?? version.provenance.commit;
    if (commit === undefined) continue;
    const isBefore = await isInHistoryOf(git, commit, base.commit);
    if (isBefore === true) {
      const where = commit === base.commit ? `at the merge base ${short}` : `before the merge base ${short}`;
      return { version, because: `Version ${number} was registered ${where}, at ${commit.slice(0, 12)}.` };
    }
    if (isBefore === undefined && base.isShallow) {
      return {
        none: `This clone is shallow and does not know the commit ${commit.slice(0, 12)} that version ${number} was registered at, so it cannot be told whether that is before the merge base ${short}. ${fetchWholeHistory}`,
      };
    }
  }
  return { none: `No version was registered at the merge base ${short} or before it yet.` };
}
