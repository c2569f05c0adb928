import { suggestion } from '@nx-mlops/core';
import type { FollowedModel, Route, Variant } from '../following/followed-model';
import type { Follower } from '../following/follower';
import type { LoadFailure } from '../following/resident-versions';
import type { ServedVersion } from '../following/served-version';
import { ProtocolError } from '../protocol/protocol-error';

/** Path parameters of everything under `/v2/models/{model}`. */
export interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

/** What the routes ask of the follower. */
export type FollowedModels = Pick<Follower, 'environment' | 'models' | 'model'>;

/** @throws ProtocolError 404 when the environment has no such model */
export function findModel(follower: FollowedModels, { model: name }: ModelPath): FollowedModel {
  const model = follower.model(name);
  if (model !== undefined) return model;
  const known = follower.models.map((each) => each.name);
  throw new ProtocolError(
    404,
    `model "${name}" is not deployed in environment "${follower.environment}".${suggestion(name, known)}`,
  );
}

/** @throws ProtocolError 404 when the environment serves other versions of the model */
export function findVariant(follower: FollowedModels, model: FollowedModel, version: string): Variant {
  const { variants, name } = model;
  const variant = variants.find((each) => String(each.version) === version);
  if (variant !== undefined) return variant;
  const [first, ...others] = variants.map((each) => String(each.version));
  throw new ProtocolError(
    404,
    `version "${version}" of "${name}" is not served; environment "${follower.environment}" serves version ${[first, ...others].join(' and ')}`,
  );
}

/**
 * The version that the path names, or the one that serves.
 *
 * @throws ProtocolError 404 when the environment serves other versions; 503 while the version is not loaded
 */
export function requireVersion(
  follower: FollowedModels,
  model: FollowedModel,
  version: string | undefined,
): ServedVersion {
  if (version === undefined) return model.serving ?? refuseUnserved(model);
  return requireVariant(follower, model, version).served;
}

/**
 * The version that a path names, as the one to answer.
 *
 * @throws ProtocolError 404 when the environment serves other versions; 503 while the version is not loaded
 */
export function requireVariant(follower: FollowedModels, model: FollowedModel, version: string): Route {
  const { role, served, failure, version: number } = findVariant(follower, model, version);
  if (served === undefined) throw notLoaded(model, number, failure);
  return { role, served };
}

/**
 * Whom the rollout under way, if any, gives a subject.
 *
 * @throws ProtocolError 503 while no version can answer
 */
export function requireRoute(model: FollowedModel, subject: string): Route {
  return model.route(subject) ?? refuseUnserved(model);
}

function refuseUnserved(model: FollowedModel): never {
  const { wanted, failure, name, routing } = model;
  if (wanted !== undefined) throw notLoaded(model, wanted.version, failure);
  const { candidate } = routing;
  throw new ProtocolError(
    503,
    candidate === undefined
      ? `no version of "${name}" is served any more`
      : `version ${candidate.version} of "${name}" answers no requests yet: its rollout ${candidate.rollout} is at ${candidate.weight} % and nothing was deployed before it; once it is at 100 % it answers`,
  );
}

function notLoaded(
  { name }: FollowedModel,
  version: number,
  failure: LoadFailure | undefined,
): ProtocolError {
  const because = failure === undefined ? 'is still loading' : `cannot be loaded: ${failure.because}`;
  return new ProtocolError(503, `version ${version} of "${name}" ${because}`);
}
