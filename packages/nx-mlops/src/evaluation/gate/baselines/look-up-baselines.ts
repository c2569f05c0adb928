import {
  fileNameOfProject,
  type BaselineResult,
  type Evaluation,
  type GateConfig,
  type MlopsConfig,
  type VersionRecord,
} from '@nx-mlops/core';
import type { JudgedBaseline } from '../judged-model';
import { findVersion } from './find-version';
import type { Git } from './git';
import { loadChampion, type ChampionSources, type LoadedChampion } from './load-champion';
import { findMergeBase, type MergeBase } from './merge-base';
import type { BaseRevision } from './base-revision';

export interface BaselineSources extends ChampionSources {
  readonly mlops: Pick<MlopsConfig, 'environments'>;
  readonly git: Git;
  readonly base: BaseRevision;
}

export interface LookedUpBaselines {
  /** One for each name that a gate gives with `versus`, in the order of the gates. */
  readonly baselines: readonly JudgedBaseline[];
  /** By name, the evaluations of those that were measured on the present test split. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
}

/** Names of the baselines that gates compare with, each once. */
export function baselineNames(gates: readonly GateConfig[]): string[] {
  return [...new Set(gates.flatMap(({ versus }) => versus ?? []))];
}

/**
 * The versions that the gates compare with, each with its answers to the rows of the present test split. Two names that
 * mean the same version share one champion.
 *
 * @throws MlopsError MLOPS_UNKNOWN_BASELINE; of `loadChampion`
 */
export async function lookUpBaselines(
  names: readonly string[],
  sources: BaselineSources,
): Promise<LookedUpBaselines> {
  const { registry, mlops, git, base, project } = sources;
  const state = await registry.state(fileNameOfProject(project.name));
  let mergeBase: Promise<MergeBase> | undefined;
  const search = { registry, mlops, state, git, mergeBase: () => (mergeBase ??= findMergeBase(git, base)) };
  const champions = new Map<number, { readonly name: string; readonly loaded: LoadedChampion }>();
  const baselines: JudgedBaseline[] = [];
  const evaluations = new Map<string, Evaluation>();
  for (const name of names) {
    const found = await findVersion(name, search);
    if ('none' in found) {
      baselines.push({ record: { name, because: found.none } });
      continue;
    }
    const { version } = found;
    const known = champions.get(version.version);
    const { loaded, name: first } = known ?? { name, loaded: await loadChampion(version, sources) };
    champions.set(version.version, { name: first, loaded });
    const because = known === undefined ? found.because : `${found.because} The same version as ${first}.`;
    baselines.push({ record: recordOf(name, version, loaded, because), champion: loaded.champion });
    if (loaded.evaluation !== undefined) evaluations.set(name, loaded.evaluation);
  }
  return { baselines, evaluations };
}

function recordOf(
  name: string,
  { version, manifest, provenance, registeredAt }: VersionRecord,
  { metrics, intervals, rescored, champion }: LoadedChampion,
  because: string,
): BaselineResult {
  const commit = provenance.registeredCommit ?? provenance.commit;
  const notes = [
    ...(champion.isSame ? ['This is the very same model.'] : []),
    ...(rescored ? ['Scored again on this test split, since it was measured on another.'] : []),
    ...(champion.notScored === undefined ? [] : [`Not scored: ${champion.notScored}`]),
  ];
  return {
    name,
    modelVersion: version,
    modelSha256: manifest.file.sha256,
    ...(commit === undefined ? {} : { commit }),
    registeredAt,
    rescored,
    ...(metrics === undefined ? {} : { metrics }),
    ...(intervals === undefined ? {} : { intervals }),
    because: [because, ...notes].join(' '),
  };
}
