import type { FastifyInstance } from 'fastify';
import type { Follower } from '../following/follower';
import { findModel, type ModelPath } from './served-model';

/** Liveness and readiness. Clients go by the status alone. */
export function healthRoutes(app: FastifyInstance, follower: Follower): void {
  app.get('/v2/health/live', () => ({ live: true }));

  app.get('/v2/health/ready', (_request, reply) => {
    const { ready } = follower;
    return reply.status(ready ? 200 : 503).send({ live: true, ready });
  });

  for (const path of ['/v2/models/:model/ready', '/v2/models/:model/versions/:version/ready']) {
    app.get<{ Params: ModelPath }>(path, (request, reply) => {
      const { name, serving, failure } = findModel(follower, request.params);
      const ready = serving !== undefined;
      return reply.status(ready ? 200 : 503).send({
        name,
        ready,
        ...(serving === undefined ? {} : { version: String(serving.version) }),
        ...(failure === undefined
          ? {}
          : { failed: { version: String(failure.version), error: failure.because } }),
      });
    });
  }
}
