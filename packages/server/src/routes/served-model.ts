import { suggestion } from '@nx-mlops/core';
import type { FollowedModel } from '../following/followed-model';
import type { Follower } from '../following/follower';
import type { ServedVersion } from '../following/served-version';
import { ProtocolError } from '../protocol/protocol-error';

/** Path parameters of everything under `/v2/models/{model}`. */
export interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

/** @throws ProtocolError 404 when the environment has no such model, or serves another version of it */
export function findModel(follower: Follower, { model: name, version }: ModelPath): FollowedModel {
  const model = follower.model(name);
  if (model === undefined) {
    const known = follower.models.map((each) => each.name);
    throw new ProtocolError(
      404,
      `model "${name}" is not deployed in environment "${follower.environment}".${suggestion(name, known)}`,
    );
  }
  const current = model.serving?.version ?? model.wanted.version;
  if (version !== undefined && version !== String(current)) {
    throw new ProtocolError(
      404,
      `version "${version}" of "${name}" is not served; environment "${follower.environment}" serves version ${current}`,
    );
  }
  return model;
}

/** @throws ProtocolError 503 while no version is loaded */
export function requireServing(model: FollowedModel): ServedVersion {
  if (model.serving !== undefined) return model.serving;
  const because =
    model.failure === undefined ? 'is still loading' : `cannot be loaded: ${model.failure.because}`;
  throw new ProtocolError(503, `version ${model.wanted.version} of "${model.name}" ${because}`);
}
