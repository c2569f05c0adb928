import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { Follower } from './following/follower';
import type { RegistryReader } from './following/registry-reader';
import { silentLogger, type Logger } from './logger';
import { errorForm, refuse } from './routes/errors';
import { healthRoutes } from './routes/health';
import { inferRoutes } from './routes/infer';
import { jsonBody } from './routes/json-body';
import { metadataRoutes } from './routes/metadata';
import { rolloutRoute } from './routes/rollout';

export interface ServerOptions {
  readonly registry: RegistryReader;
  readonly environment: string;
  /** Only these, by the names of the registry; all models of the environment when left out. */
  readonly models?: readonly string[];
  /**
   * Milliseconds between two looks at the registry.
   *
   * @default 500
   */
  readonly pollMilliseconds?: number;
  /**
   * Largest request body.
   *
   * @default 32 MiB: about two million numbers as JSON
   */
  readonly bodyLimitBytes?: number;
  /**
   * Request header that names whom or what a request is about; a rollout gives each subject always the same version.
   *
   * @default 'x-mlops-subject'
   */
  readonly subjectHeader?: string;
  /**
   * Former stable versions of a model that stay in memory, so that going back to them takes no loading.
   *
   * @default 1
   */
  readonly keepPrevious?: number;
  /** PEM; only versions that one of these keys signed are loaded. @default all are */
  readonly publicKeys?: readonly string[];
  /** @default none */
  readonly logger?: Logger;
}

export interface Server {
  /** Listen with `app.listen`, stop with `app.close`, which waits for the requests under way and frees the models. */
  readonly app: FastifyInstance;
  /** Follows already. */
  readonly follower: Follower;
}

/**
 * A server of the Open Inference Protocol v2 over HTTP that follows an environment of a registry. It is returned at
 * once; `follower.whenReady()` tells when the models are loaded, and until then `/v2/health/ready` answers 503.
 */
export async function createServer({
  registry,
  environment,
  models,
  pollMilliseconds = 500,
  bodyLimitBytes = 32 * 1024 * 1024,
  subjectHeader = 'x-mlops-subject',
  keepPrevious = 1,
  publicKeys,
  logger = silentLogger,
}: ServerOptions): Promise<Server> {
  const follower = new Follower({
    registry,
    environment,
    models,
    pollMilliseconds,
    keepPrevious,
    publicKeys,
    logger,
  });
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    // While closing, requests that still come on an open connection are answered: /v2/health/ready says to stop.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply, logger),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(malformedHttp(error.message));
      else socket.destroy();
    },
  });
  jsonBody(app);
  errorForm(app, logger);
  healthRoutes(app, follower);
  metadataRoutes(app, follower, packageVersion());
  inferRoutes(app, follower, subjectHeader);
  rolloutRoute(app, follower);
  drainOnClose(app, follower);
  await app.ready();
  follower.start();
  return { app, follower };
}

/** Milliseconds between two looks for connections that have become idle while closing. */
const IDLE_LOOK = 100;

/**
 * Closing waits for the requests under way and then frees the models. A client that keeps its connection alive would
 * hold it up until the keep-alive timeout, so connections are closed as they become idle.
 */
function drainOnClose(app: FastifyInstance, follower: Follower): void {
  let closing: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    follower.prepareToStop();
    closing = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing !== undefined) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => {
    clearInterval(closing);
    await follower.stop();
  });
}

/** Answer to bytes that are no HTTP request at all, written by hand since there is no request to reply to. */
function malformedHttp(because: string): string {
  const body = JSON.stringify({ error: `malformed HTTP request: ${because}` });
  return [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
