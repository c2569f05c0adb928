import type { FastifyInstance } from 'fastify';
import type { LoadedModel, Tensor } from '@nx-mlops/runtime';
import type { Follower } from '../following/follower';
import { encodeTensor, type ResponseTensor } from '../protocol/encode-tensor';
import { parseInferRequest } from '../protocol/infer-request';
import { planInference, type Inference } from '../protocol/plan-inference';
import { findModel, requireServing, type ModelPath } from './served-model';

interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
  readonly outputs: readonly ResponseTensor[];
}

/** Inference over JSON. */
export function inferRoutes(app: FastifyInstance, follower: Follower): void {
  for (const path of ['/v2/models/:model/infer', '/v2/models/:model/versions/:version/infer']) {
    app.post<{ Params: ModelPath }>(path, async ({ params, body }): Promise<InferResponse> => {
      const followed = findModel(follower, params);
      const request = parseInferRequest(body);
      const serving = requireServing(followed);
      const outputs = await serving.borrow((model) => infer(model, planInference(model.manifest, request)));
      return {
        model_name: followed.name,
        model_version: String(serving.version),
        ...(request.id === undefined ? {} : { id: request.id }),
        outputs,
      };
    });
  }
}

async function infer(model: LoadedModel, { feeds, outputs }: Inference): Promise<readonly ResponseTensor[]> {
  const tensors = await model.run(feeds, outputs);
  return outputs.map((name) => encodeTensor(name, tensors[name] as Tensor));
}
