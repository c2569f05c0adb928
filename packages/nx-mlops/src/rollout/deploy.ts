import {
  MlopsError,
  digestOfVersion,
  fileNameOfProject,
  layout,
  type StartResult,
  type ModelState,
} from '@nx-mlops/core';
import { formatMoment, plural } from '../reporting/format';
import { environmentNamed } from './environments';
import { readCandidate } from './read-candidate';
import type { RolloutRequest } from './rollout-request';
import { withSigner } from './sign/with-signer';

export interface DeployRequest extends RolloutRequest {
  /** @default the first of mlops.json */
  readonly environment?: string;
  /** A version that is registered already, by its number. @default the model that was trained last */
  readonly modelVersion?: number;
  /** Why a version that was rolled back there may serve again. */
  readonly release?: string;
  /** Where a signing key is looked for. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

/** What is deployed: registered already, or about to be. */
interface Target {
  readonly version: number;
  readonly digest: string;
  readonly isRegistered: boolean;
}

/**
 * Registers the model that passed its gates as a version, and makes an environment serve it. Doing it again changes
 * nothing and says so.
 *
 * @returns undefined for a dry run
 * @throws MlopsError of `readCandidate`; MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_UNKNOWN_VERSION; MLOPS_DIGEST_BLOCKED when it was
 *   rolled back there and `release` is not given
 */
export async function deployModel(request: DeployRequest): Promise<StartResult | undefined> {
  const { project, mlops, registry, actor, reason, print } = request;
  const environment = environmentNamed(mlops, request.environment);
  const model = fileNameOfProject(project.name);
  if (request.dryRun === true) {
    const state = await registry.state(model);
    explainPlan(request, await plannedTarget(request, state), environment, state);
    return undefined;
  }
  const { version, digest } = await registeredTarget(request, model);
  await releaseOrRefuse(request, await registry.state(model), environment, { version, digest });
  const before = (await registry.state(model)).deployments.get(environment);
  const result = await registry.deploy({ model, environment, version, actor, reason });
  print(
    result.changed
      ? `${environment} now serves ${project.name} version ${version}${before === undefined ? '' : ` (before: version ${before.version})`}`
      : `${environment} serves ${project.name} version ${(result as { deployment: any }).deployment.version} already, since ${formatMoment((result as { deployment: any }).deployment.since)}: nothing to do`,
  );
  return result;
}

async function registeredTarget(
  { project, registry, actor, modelVersion, print, env = process.env }: DeployRequest,
  model: string,
): Promise<{ readonly version: number; readonly digest: string }> {
  if (modelVersion !== undefined) return registry.readVersion(model, modelVersion);
  const { files, manifest, evaluation, gates, provenance } = await readCandidate(project);
  const { metrics, threshold } = evaluation;
  const registered = await withSigner({ env, workspaceRoot: project.workspaceRoot, name: model }, (sign) =>
    registry.registerVersion({
      model,
      files,
      manifest,
      metrics,
      ...(threshold === undefined ? {} : { threshold }),
      gates,
      provenance,
      actor,
      ...(sign === undefined ? {} : { sign }),
    }),
  );
  const { version, digest, files: stored } = registered.version;
  const signed = Object.hasOwn(stored, layout.signatureFile) ? ', signed' : '';
  print(
    registered.created
      ? `Registered ${project.name} version ${version} (${digest.slice(0, 12)}, ${plural(Object.keys(stored).length, 'file')}${signed}) in ${registry.description}`
      : `This model is version ${version} of ${project.name} already (${digest.slice(0, 12)}${signed})`,
  );
  return { version, digest };
}

async function releaseOrRefuse(
  { project, registry, actor, release, print }: DeployRequest,
  state: ModelState,
  environment: string,
  { version, digest }: { readonly version: number; readonly digest: string },
): Promise<void> {
  const isBlocked = state.blocked.get(environment)?.has(digest) ?? false;
  if (release === undefined) {
    if (isBlocked) throw blocked(project.name, version, environment, state, digest);
  } else if (isBlocked) {
    await registry.release({ model: state.model, environment, digest, actor, reason: release });
    print(`Released version ${version} in ${environment}: ${release}`);
  } else {
    print(`Version ${version} is not blocked in ${environment}, so there is nothing to release.`);
  }
}

async function plannedTarget(
  { project, registry, modelVersion }: DeployRequest,
  state: ModelState,
): Promise<Target> {
  if (modelVersion !== undefined) {
    const { version, digest } = await registry.readVersion(state.model, modelVersion);
    return { version, digest, isRegistered: true };
  }
  const { manifest, evaluation } = await readCandidate(project);
  const { threshold } = evaluation;
  const digest = digestOfVersion({ manifest, ...(threshold === undefined ? {} : { threshold }) });
  const known = [...state.versions].find(([, each]) => each === digest)?.[0];
  const next = Math.max(0, ...state.versions.keys()) + 1;
  return { version: known ?? next, digest, isRegistered: known !== undefined };
}

/** @throws MlopsError MLOPS_DIGEST_BLOCKED as the deployment itself would */
function explainPlan(
  { project, print, release }: DeployRequest,
  { version, digest, isRegistered }: Target,
  environment: string,
  state: ModelState,
): void {
  const isBlocked = state.blocked.get(environment)?.has(digest) ?? false;
  if (isBlocked && release === undefined) throw blocked(project.name, version, environment, state, digest);
  print('Dry run: nothing is changed.');
  const serving = state.deployments.get(environment);
  if (serving?.digest === digest) {
    print(`${environment} serves ${project.name} version ${serving.version} already: nothing to do`);
    return;
  }
  if (!isRegistered) print(`Would register ${project.name} version ${version} (${digest.slice(0, 12)})`);
  if (isBlocked) print(`Would release version ${version} in ${environment}`);
  print(
    `Would make ${environment} serve ${project.name} version ${version} (now: ${serving === undefined ? 'nothing' : `version ${serving.version}`})`,
  );
}

/** As the registry's own refusal, with the option of this command that is the way out. */
function blocked(
  name: string,
  version: number,
  environment: string,
  state: ModelState,
  digest: string,
): MlopsError {
  const rollback = state.withdrawals.get(environment)?.findLast((each) => each.digest === digest);
  const when =
    rollback === undefined
      ? ''
      : ` on ${formatMoment(rollback.at)} by ${rollback.actor} (${rollback.reason ?? 'no reason given'})`;
  return new MlopsError(
    'MLOPS_DIGEST_BLOCKED',
    `${name} version ${version} was rolled back in ${environment}${when}, so it does not come back by itself. Train another, or give --release="<why it may serve again>".`,
  );
}
