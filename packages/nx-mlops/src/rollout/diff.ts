import {
  MlopsError,
  canonicalJson,
  fileNameOfProject,
  signatureDifferences,
  type VersionRecord,
} from '@nx-mlops/core';
import { formatBytes, formatNumber } from '../reporting/format';
import { textTable } from '../reporting/table';
import { environmentNamed, promotionWay } from './environments';
import type { RolloutRequest } from './rollout-request';

export interface DiffRequest extends Pick<RolloutRequest, 'project' | 'mlops' | 'registry' | 'print'> {
  /** What serves there now. @default the last of mlops.json */
  readonly environment?: string;
  /** Compared with what serves there. @default the environment before it */
  readonly from?: string;
  /** Compared with this version instead. */
  readonly modelVersion?: number;
}

/** One difference between what serves and what would. */
export interface Difference {
  readonly what: string;
  readonly now: string;
  readonly then: string;
}

export interface VersionDiff {
  readonly environment: string;
  /** Undefined when nothing serves. */
  readonly now?: number;
  readonly then: number;
  readonly differences: readonly Difference[];
  /** Why a caller of the one could not take the other; empty when it can. */
  readonly signature: readonly string[];
}

/**
 * What would change if an environment served another version: weights, code, data, features, params, threshold, metrics.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT, MLOPS_NOTHING_DEPLOYED, MLOPS_UNKNOWN_VERSION
 */
export async function diffVersions(request: DiffRequest): Promise<VersionDiff> {
  const { project, mlops, registry, print } = request;
  const model = fileNameOfProject(project.name);
  const environment = environmentNamed(mlops, request.environment ?? mlops.environments.at(-1)?.name);
  const state = await registry.state(model);
  const serving = state.deployments.get(environment);
  const then = request.modelVersion ?? versionOnTheWay(request, environment);
  const thenVersion = typeof then === 'number' ? then : state.deployments.get(then)?.version;
  if (thenVersion === undefined) {
    throw new MlopsError(
      'MLOPS_NOTHING_DEPLOYED',
      `"${project.name}" serves nothing in "${then}", so there is nothing to compare with. Name a version with --modelVersion.`,
    );
  }
  const after = await registry.readVersion(model, thenVersion);
  const before = serving === undefined ? undefined : await registry.readVersion(model, serving.version);
  const differences = before === undefined ? [] : differencesBetween(before, after);
  const signature = before === undefined ? [] : signatureDifferences(before.manifest, after.manifest);
  const title = `${project.name} in ${environment}: version ${serving?.version ?? '–'} now, version ${thenVersion} then`;
  print(title);
  if (before === undefined) print('Nothing serves there yet.');
  else if (differences.length === 0) print('They are the same model.');
  else {
    textTable({
      header: ['what', 'now', 'then'],
      rows: differences.map(({ what, now, then: next }) => [what, now, next]),
    }).forEach(print);
  }
  for (const each of signature) print(`Callers would notice: ${each}`);
  return {
    environment,
    ...(serving === undefined ? {} : { now: serving.version }),
    then: thenVersion,
    differences,
    signature,
  };
}

/** The rollout's candidate where one is under way is what comes next; else what the environment before serves. */
function versionOnTheWay({ mlops, from }: DiffRequest, environment: string): string {
  return from === undefined ? promotionWay(mlops, { to: environment }).from : environmentNamed(mlops, from);
}

/** In the order in which a reviewer asks. */
export function differencesBetween(now: VersionRecord, then: VersionRecord): Difference[] {
  const weights = (record: VersionRecord) =>
    `${record.manifest.file.sha256.slice(0, 12)} (${formatBytes(record.manifest.file.size)})`;
  const commit = ({ provenance }: VersionRecord) =>
    provenance.commit === undefined
      ? 'unknown'
      : `${provenance.commit.slice(0, 12)}${provenance.dirty === true ? ' with uncommitted changes' : ''}`;
  const features = ({ manifest }: VersionRecord) => manifest.features.map(({ name }) => name).join(', ');
  const rows: Difference[] = [
    { what: 'weights', now: weights(now), then: weights(then) },
    { what: 'code commit', now: commit(now), then: commit(then) },
    { what: 'features', now: features(now), then: features(then) },
    { what: 'target', now: now.manifest.target, then: then.manifest.target },
    { what: 'threshold', now: formatNumber(now.threshold), then: formatNumber(then.threshold) },
    ...entries('data', dataOf(now), dataOf(then)),
    ...entries('param', now.provenance.params ?? {}, then.provenance.params ?? {}),
    { what: 'environment lock', now: lockOf(now), then: lockOf(then) },
    { what: 'seed', now: String(now.provenance.seed ?? '–'), then: String(then.provenance.seed ?? '–') },
    ...entries('tool', now.provenance.toolVersions ?? {}, then.provenance.toolVersions ?? {}),
    ...metricRows(now, then),
  ];
  return rows.filter((row) => row.now !== row.then);
}

function lockOf({ provenance: { environmentLock } }: VersionRecord): string {
  if (environmentLock === undefined) return '–';
  return `${environmentLock.file} ${environmentLock.sha256.slice(0, 12)}`;
}

function dataOf({ manifest }: VersionRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest.datasets).map(([role, { dataset, split, sha256, rows }]) => [
      role,
      `${dataset}:${split} ${sha256.slice(0, 12)} (${rows} rows)`,
    ]),
  );
}

function entries(
  what: string,
  now: Readonly<Record<string, unknown>>,
  then: Readonly<Record<string, unknown>>,
): Difference[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])];
  const text = (value: unknown) =>
    value === undefined ? '–' : typeof value === 'string' ? value : canonicalJson(value).trim();
  return names.map((name) => ({ what: `${what} ${name}`, now: text(now[name]), then: text(then[name]) }));
}

function metricRows(now: VersionRecord, then: VersionRecord): Difference[] {
  const names = [...new Set([...Object.keys(now.metrics), ...Object.keys(then.metrics)])];
  return names.map((name) => {
    const [before, after] = [now.metrics[name], then.metrics[name]];
    const change =
      typeof before === 'number' && typeof after === 'number'
        ? ` (${after >= before ? '+' : '−'}${formatNumber(Math.abs(after - before))})`
        : '';
    return {
      what: name,
      now: formatNumber(before),
      then: before === after ? formatNumber(after) : `${formatNumber(after)}${change}`,
    };
  });
}
