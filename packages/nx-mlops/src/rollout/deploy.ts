import {
  MlopsError,
  digestOfManifest,
  fileNameOfProject,
  type DeployResult,
  type ModelState,
} from '@nx-mlops/core';
import { plural } from '../reporting/format';
import { environmentNamed } from './environments';
import { readCandidate, type Candidate } from './read-candidate';
import type { RolloutRequest } from './rollout-request';

export interface DeployRequest extends RolloutRequest {
  /** @default the first of mlops.json */
  readonly environment?: string;
  /** Why a version that was rolled back there may serve again. */
  readonly release?: string;
}

/**
 * Registers the model that passed its gates as a version, and makes an environment serve it. Doing it again changes
 * nothing and says so.
 *
 * @returns undefined for a dry run
 * @throws MlopsError of `readCandidate`; MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_DIGEST_BLOCKED when it was rolled back there and
 *   `release` is not given
 */
export async function deployModel(request: DeployRequest): Promise<DeployResult | undefined> {
  const { project, mlops, registry, actor, reason, print } = request;
  const environment = environmentNamed(mlops, request.environment);
  const model = fileNameOfProject(project.name);
  const candidate = await readCandidate(project);
  if (request.dryRun === true) {
    await explainPlan(request, candidate, environment, await registry.state(model));
    return undefined;
  }
  const { version, created } = await registry.registerVersion({
    model,
    files: candidate.files,
    manifest: candidate.manifest,
    metrics: candidate.evaluation.metrics,
    gates: candidate.gates,
    provenance: candidate.provenance,
    actor,
  });
  print(
    created
      ? `Registered ${project.name} version ${version.version} (${version.digest.slice(0, 12)}, ${plural(Object.keys(version.files).length, 'file')}) in ${registry.description}`
      : `This model is version ${version.version} of ${project.name} already (${version.digest.slice(0, 12)})`,
  );
  if (request.release !== undefined) {
    await releaseIfBlocked(request, model, environment, version.digest, request.release);
  }
  const before = (await registry.state(model)).deployments.get(environment);
  const result = await registry.deploy({
    model,
    environment,
    version: version.version,
    actor,
    ...(reason === undefined ? {} : { reason }),
  });
  print(
    result.changed
      ? `${environment} now serves ${project.name} version ${version.version}${before === undefined ? '' : ` (before: version ${before.version})`}`
      : `${environment} serves ${project.name} version ${result.deployment.version} already, since ${result.deployment.since}: nothing to do`,
  );
  return result;
}

async function releaseIfBlocked(
  { registry, actor, print }: DeployRequest,
  model: string,
  environment: string,
  digest: string,
  reason: string,
): Promise<void> {
  const { blocked } = await registry.state(model);
  if (!(blocked.get(environment)?.has(digest) ?? false)) {
    print(`It is not blocked in ${environment}, so there is nothing to release.`);
    return;
  }
  await registry.release({ model, environment, digest, actor, reason });
  print(`Released it in ${environment}: ${reason}`);
}

/** @throws MlopsError MLOPS_DIGEST_BLOCKED as the deployment itself would */
async function explainPlan(
  { project, print, release }: DeployRequest,
  { manifest }: Candidate,
  environment: string,
  state: ModelState,
): Promise<void> {
  const digest = digestOfManifest(manifest);
  const known = [...state.versions].find(([, each]) => each === digest)?.[0];
  const serving = state.deployments.get(environment);
  const version = known ?? Math.max(0, ...state.versions.keys()) + 1;
  if ((state.blocked.get(environment)?.has(digest) ?? false) && release === undefined) {
    throw new MlopsError(
      'MLOPS_DIGEST_BLOCKED',
      `${project.name} version ${version} was rolled back in ${environment}, so it would be refused. Give --release="why it may serve again" to let it back.`,
    );
  }
  print('Dry run: nothing is changed.');
  if (serving?.digest === digest) {
    print(`${environment} serves ${project.name} version ${serving.version} already: nothing to do`);
    return;
  }
  if (known === undefined) print(`Would register ${project.name} version ${version} (${digest.slice(0, 12)})`);
  print(
    `Would make ${environment} serve ${project.name} version ${version} (now: ${serving === undefined ? 'nothing' : `version ${serving.version}`})`,
  );
}
