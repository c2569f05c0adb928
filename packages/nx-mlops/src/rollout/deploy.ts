import {
  MlopsError,
  digestOfVersion,
  fileNameOfProject,
  layout,
  planRollout,
  versionWithDigest,
  type ModelState,
  type StartResult,
} from '@nx-mlops/core';
import { formatMoment, plural } from '../reporting/format';
import { describePlan } from './describe-plan';
import { environmentConfig, environmentNamed } from './environments';
import { readCandidate } from './read-candidate';
import type { TrafficRequest } from './rollout-request';
import { withSigner } from './sign/with-signer';
import { startVersion } from './start';

export interface DeployRequest extends TrafficRequest {
  /** @default the first of mlops.json */
  readonly environment?: string;
  /** A version that is registered already, by its number. @default the model that was trained last */
  readonly modelVersion?: number;
  /** Why a version that was rolled back or aborted there may serve again. */
  readonly release?: string;
  /** Where a signing key is looked for. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

/** What is deployed: registered already, or about to be. */
interface Planned {
  readonly version: number;
  readonly digest: string;
  readonly isRegistered: boolean;
}

/**
 * Registers the model that passed its gates as a version, and brings it into an environment. Doing it again changes
 * nothing and says so.
 *
 * @returns undefined for a dry run
 * @throws MlopsError of `readCandidate` and `startVersion`; MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_UNKNOWN_VERSION;
 *   MLOPS_DIGEST_BLOCKED when it was withdrawn there and `release` is not given
 */
export async function deployModel(request: DeployRequest): Promise<StartResult | undefined> {
  const { project, mlops, registry } = request;
  const environment = environmentNamed(mlops, request.environment);
  const model = fileNameOfProject(project.name);
  const { lastSeq: seen } = await registry.state(model);
  if (request.dryRun === true) {
    await explainDeployment(request, environment, await registry.state(model));
    return undefined;
  }
  const { version, digest } = await registeredTarget(request, model);
  await releaseOrRefuse(request, await registry.state(model), environment, { version, digest });
  // A version that is named is meant; the one that was just trained gives way to a newer one.
  return startVersion({
    ...request,
    environment,
    version,
    ...(request.modelVersion === undefined ? { seen } : {}),
  });
}

/** @throws MlopsError MLOPS_DIGEST_BLOCKED as the deployment itself would */
async function explainDeployment(
  request: DeployRequest,
  environment: string,
  state: ModelState,
): Promise<void> {
  const { project, print, release } = request;
  const { version, digest, isRegistered } = await plannedTarget(request, state);
  const isBlocked = state.blocked.get(environment)?.has(digest) ?? false;
  if (isBlocked && release === undefined) throw blocked(project.name, version, environment, state, digest);
  if (isRegistered && !isBlocked) {
    await startVersion({ ...request, environment, version });
    return;
  }
  print('Dry run: nothing is changed.');
  if (!isRegistered) print(`Would register ${project.name} version ${version} (${digest.slice(0, 12)})`);
  if (isBlocked) print(`Would release version ${version} in ${environment}`);
  const serving = state.deployments.get(environment);
  const now = serving === undefined ? 'nothing' : `version ${serving.version}`;
  print(`Would make ${environment} serve ${project.name} version ${version} (now: ${now})`);
  const plan = planRollout(environmentConfig(request.mlops, environment), {
    hasChampion: serving !== undefined,
  });
  if (plan !== undefined) describePlan(plan).forEach(print);
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
): Promise<Planned> {
  if (modelVersion !== undefined) {
    const { version, digest } = await registry.readVersion(state.model, modelVersion);
    return { version, digest, isRegistered: true };
  }
  const { manifest, evaluation } = await readCandidate(project);
  const { threshold } = evaluation;
  const digest = digestOfVersion({ manifest, ...(threshold === undefined ? {} : { threshold }) });
  const known = versionWithDigest(state, digest);
  const next = Math.max(0, ...state.versions.keys()) + 1;
  return { version: known ?? next, digest, isRegistered: known !== undefined };
}

/** As the registry's own refusal, with the option of this command that is the way out. */
function blocked(
  name: string,
  version: number,
  environment: string,
  state: ModelState,
  digest: string,
): MlopsError {
  const withdrawal = state.withdrawals.get(environment)?.findLast((each) => each.digest === digest);
  const when =
    withdrawal === undefined
      ? ''
      : ` on ${formatMoment(withdrawal.at)} by ${withdrawal.actor} (${withdrawal.reason ?? 'no reason given'})`;
  return new MlopsError(
    'MLOPS_DIGEST_BLOCKED',
    `${name} version ${version} was ${withdrawal?.kind ?? 'withdrawn'} in ${environment}${when}, so it does not come back by itself. Train another, or give --release="<why it may serve again>".`,
  );
}
