import type { FastifyInstance } from 'fastify';
import type { Follower } from '../following/follower';
import type { LoadFailure } from '../following/resident-versions';
import type { ServedVersion } from '../following/served-version';
import { findModel, findVariant, type ModelPath } from './served-model';

/** Liveness and readiness. Clients go by the status alone. */
export function healthRoutes(app: FastifyInstance, follower: Follower): void {
  app.get('/v2/health/live', () => ({ live: true }));

  app.get('/v2/health/ready', (_request, reply) => {
    const { ready } = follower;
    return reply.status(ready ? 200 : 503).send({ live: true, ready });
  });

  for (const path of ['/v2/models/:model/ready', '/v2/models/:model/versions/:version/ready']) {
    app.get<{ Params: ModelPath }>(path, (request, reply) => {
      const { name, version, served, failure } = readinessOf(follower, request.params);
      const ready = served !== undefined;
      return reply.status(ready ? 200 : 503).send({
        name,
        ready,
        ...(version === undefined ? {} : { version: String(version) }),
        ...(failure === undefined
          ? {}
          : { failed: { version: String(failure.version), error: failure.because } }),
      });
    });
  }
}

interface Readiness {
  readonly name: string;
  /** The one that answers, or the one that was asked for. */
  readonly version?: number;
  readonly served?: ServedVersion;
  readonly failure?: LoadFailure;
}

/** Of the version in the path, else of the model, which is ready while any version answers. */
function readinessOf(follower: Follower, path: ModelPath): Readiness {
  const model = findModel(follower, path);
  const { name } = model;
  if (path.version !== undefined) return { name, ...findVariant(follower, model, path.version) };
  const { serving, variants } = model;
  const failure = variants.find((variant) => variant.failure !== undefined)?.failure;
  return {
    name,
    ...(serving === undefined ? {} : { version: serving.version, served: serving }),
    ...(failure === undefined ? {} : { failure }),
  };
}
