import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Route } from '../following/followed-model';
import type { ResponseTensor } from '../protocol/encode-tensor';
import { parseInferRequest, type InferRequest } from '../protocol/infer-request';
import { compareAnswers } from '../shadow/compare-answers';
import { answer, type Answer } from './answer';
import { subjectOf } from './request-subject';
import { findModel, requireRoute, requireVariant, type FollowedModels, type ModelPath } from './served-model';

/** Says which version answered and as what: `<model>/<version>/<stable|candidate>`. */
const routeHeader = 'x-mlops-route';

interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
  readonly outputs: readonly ResponseTensor[];
}

/**
 * Inference over JSON.
 *
 * @param subjectHeader the header that names the subject of a request
 */
export function inferRoutes(app: FastifyInstance, follower: FollowedModels, subjectHeader: string): void {
  const header = subjectHeader.toLowerCase();
  for (const path of ['/v2/models/:model/infer', '/v2/models/:model/versions/:version/infer']) {
    app.post<{ Params: ModelPath }>(
      path,
      async ({ params, headers, body }, reply): Promise<InferResponse> => {
        const model = findModel(follower, params);
        const named =
          params.version === undefined ? undefined : requireVariant(follower, model, params.version);
        const request = parseInferRequest(body);
        const route = named ?? requireRoute(model, subjectOf(headers, request.id, header));
        const { role, served } = route;
        void reply.header(routeHeader, `${model.name}/${served.version}/${role}`);
        const { counters } = served;
        const live = await answer(served, request, named === undefined ? counters.routed : counters.named);
        answerInShadow(route, request, live, reply);
        return {
          model_name: model.name,
          model_version: String(served.version),
          ...(request.id === undefined ? {} : { id: request.id }),
          outputs: live.outputs,
        };
      },
    );
  }
}

/** Has the candidate answer a copy once the live answer is sent; whatever comes of it is only counted. */
function answerInShadow({ shadow }: Route, request: InferRequest, live: Answer, reply: FastifyReply): void {
  if (shadow === undefined) return;
  const { lane, served } = shadow;
  const counters = served.counters.shadow;
  const run = async () => {
    try {
      const comparison = compareAnswers(live, await answer(served, request, counters));
      if (comparison !== undefined) counters.compared(comparison);
    } catch {
      // Counted as it failed, if in answering; what cannot be compared is not.
    }
  };
  reply.raw.once('finish', () => lane.offer({ bytes: live.inputBytes, run }));
}
