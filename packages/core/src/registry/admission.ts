import type { EnvironmentConfig } from '../config/environment-config';
import { fileNameOfProject } from '../config/names';
import { MlopsError } from '../errors/mlops-error';
import type { MetricValues } from '../manifest/evaluation';
import type { VersionRef } from './rollout/rollout';
import type { ModelState } from './state';

/** What an environment asks of a version beyond having passed its gates. */
export type AdmissionPolicy = Pick<EnvironmentConfig, 'requires' | 'gates'>;

/**
 * Refuses a version that may not serve in an environment.
 *
 * @param metrics of the version's record; judged by the gates of the policy
 * @throws MlopsError MLOPS_VERSION_PRUNED when gc removed its bytes; MLOPS_DIGEST_BLOCKED when it was rolled back or
 *   aborted there and not released; MLOPS_ENVIRONMENT_SKIPPED when it has not served soundly in an environment that must
 *   come first; MLOPS_ENVIRONMENT_GATE when a recorded metric is missing or outside the limits
 */
export function refuseUnadmitted(
  state: ModelState,
  environment: string,
  candidate: VersionRef,
  policy?: { readonly policy: AdmissionPolicy; readonly metrics: MetricValues },
): void {
  refusePruned(state, candidate.version);
  refuseBlocked(state, environment, candidate);
  if (policy === undefined) return;
  refuseSkipped(state, environment, candidate, policy.policy.requires);
  refuseBelowGates(state, environment, candidate, policy);
}

function refusePruned(state: ModelState, version: number): void {
  if (!state.pruned.has(version)) return;
  throw new MlopsError(
    'MLOPS_VERSION_PRUNED',
    `the bytes of version ${version} of "${state.model}" were removed by gc, so it cannot serve. Train and register it again from its commit.`,
  );
}

function refuseBlocked(state: ModelState, environment: string, { version, digest }: VersionRef): void {
  if (!state.blocked.get(environment)?.has(digest)) return;
  const withdrawal = state.withdrawals.get(environment)?.findLast((each) => each.digest === digest);
  const when =
    withdrawal === undefined
      ? 'it is blocked'
      : `it was ${withdrawal.kind} there on ${withdrawal.at} by ${withdrawal.actor} (${withdrawal.reason ?? 'no reason given'})`;
  throw new MlopsError(
    'MLOPS_DIGEST_BLOCKED',
    `version ${version} of "${state.model}" may not serve in "${environment}": ${when}. Deploy another version, or, if it is sound after all, release its digest ${digest} in "${environment}" first.`,
  );
}

function refuseSkipped(
  state: ModelState,
  environment: string,
  { version, digest }: VersionRef,
  requires: readonly string[],
): void {
  for (const required of requires) {
    const served = state.past.get(required)?.some((deployment) => deployment.digest === digest) ?? false;
    const isBlocked = state.blocked.get(required)?.has(digest) ?? false;
    if (served && !isBlocked) continue;
    throw new MlopsError(
      'MLOPS_ENVIRONMENT_SKIPPED',
      `version ${version} of "${state.model}" may not serve in "${environment}": ${
        served
          ? `it was rolled back in "${required}"`
          : `it has not served in "${required}", which must come first`
      }. Deploy it to "${required}" and promote it from there.`,
    );
  }
}

function refuseBelowGates(
  state: ModelState,
  environment: string,
  { version }: VersionRef,
  { policy, metrics }: { readonly policy: AdmissionPolicy; readonly metrics: MetricValues },
): void {
  for (const { metric, min, max, models } of policy.gates) {
    if (models !== undefined && !models.some((name) => fileNameOfProject(name) === state.model)) continue;
    const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    const limits = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`]
      .filter((limit) => limit !== '')
      .join(' and ');
    const isWithin =
      value !== undefined &&
      value !== null &&
      (min === undefined || value >= min) &&
      (max === undefined || value <= max);
    if (isWithin) continue;
    throw new MlopsError(
      'MLOPS_ENVIRONMENT_GATE',
      `version ${version} of "${state.model}" may not serve in "${environment}": its ${metric} is ${value ?? 'not recorded'}, and the environment asks for ${limits}. Train a better model, or change the gates of "${environment}" in mlops.json.`,
    );
  }
}
