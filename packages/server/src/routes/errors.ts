import { messageOf, MlopsError } from '@nx-mlops/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logger';
import { ProtocolError } from '../protocol/protocol-error';

/** Every refusal in the protocol's own form; nothing of fastify's shows. */
export function errorForm(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({ error: `there is no ${request.method} ${request.url}` }),
  );
  app.setErrorHandler((error: FastifyError | Error, request, reply) => refuse(error, request, reply, logger));
}

/** Answers with the status and the one-line body that the failure stands for. */
export function refuse(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const { status, message } = toProtocolError(error);
  if (status === 500) logger.warn(`${request.method} ${request.url}: ${message}`);
  return reply.status(status).send({ error: message });
}

function toProtocolError(error: FastifyError | Error): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (error instanceof MlopsError) return new ProtocolError(500, error.message);
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413 || status === 404) return new ProtocolError(status, messageOf(error));
  if (status !== undefined && status >= 400 && status < 500) return new ProtocolError(400, messageOf(error));
  return new ProtocolError(500, `internal error: ${messageOf(error)}`);
}
