import { messageOf } from '@nx-mlops/core';
import type { FastifyInstance } from 'fastify';
import { badRequest, ProtocolError } from '../protocol/protocol-error';

/** Bodies are JSON whatever the client calls them: curl -d says it sends a form. */
export function jsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (request.headers['inference-header-content-length'] !== undefined) {
      done(new ProtocolError(501, 'binary tensors are not supported; send the tensors as JSON'));
      return;
    }
    try {
      done(null, JSON.parse(body as string));
    } catch (error) {
      done(badRequest(`the body is no JSON: ${messageOf(error)}`));
    }
  });
}
