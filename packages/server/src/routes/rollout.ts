import type { FastifyInstance } from 'fastify';
import type { FollowedModel, Variant } from '../following/followed-model';
import { findModel, type FollowedModels, type ModelPath } from './served-model';

/** An extension of the protocol: who answers a model's requests, and what came of it. */
export function rolloutRoute(app: FastifyInstance, follower: FollowedModels): void {
  app.get<{ Params: ModelPath }>('/v2/models/:model/rollout', ({ params }) => {
    const model = findModel(follower, params);
    return {
      name: model.name,
      environment: follower.environment,
      ...rolloutOf(model),
      variants: model.variants.map(describeVariant),
    };
  });
}

/** Weights as the registry has them: a candidate that is not loaded answers nothing all the same. */
function rolloutOf({ routing: { candidate } }: FollowedModel) {
  if (candidate === undefined) return {};
  const { rollout: id, version, weight, shadow } = candidate;
  return { rollout: { id, version: String(version), weight, shadow } };
}

function describeVariant({ role, version, served, failure }: Variant) {
  return {
    role,
    version: String(version),
    loaded: served !== undefined,
    ...(failure === undefined ? {} : { failed: failure.because }),
    ...(served === undefined ? {} : { counters: served.counters.snapshot() }),
  };
}
