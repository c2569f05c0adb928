import type { TensorSignature } from '@nx-mlops/core';
import { datatypeOf } from '@nx-mlops/runtime';
import type { FastifyInstance } from 'fastify';
import type { Follower } from '../following/follower';
import { findModel, requireVersion, type ModelPath } from './served-model';

/** Who serves, and what each model takes and gives. */
export function metadataRoutes(app: FastifyInstance, follower: Follower, serverVersion: string): void {
  app.get('/v2', () => ({ name: 'nx-mlops-server', version: serverVersion, extensions: [] }));

  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<{ Params: ModelPath }>(path, (request) => {
      const model = findModel(follower, request.params);
      const { manifest } = requireVersion(follower, model, request.params.version).model;
      return {
        name: model.name,
        versions: model.variants
          .filter(({ served }) => served !== undefined)
          .map(({ version }) => String(version)),
        platform: 'onnx_onnxv1',
        inputs: manifest.inputs.map(tensorMetadata),
        outputs: manifest.outputs.map(tensorMetadata),
      };
    });
  }
}

function tensorMetadata({ name, type, shape }: TensorSignature) {
  return { name, datatype: datatypeOf(type), shape };
}
