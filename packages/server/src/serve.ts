import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, MlopsError, openRegistry, parsePublicKey } from '@nx-mlops/core';
import type { ServeCommand } from './command-line';
import type { Logger } from './logger';
import { createServer, type Server } from './server';

/** Milliseconds that requests under way get before the process ends without them. */
const DRAIN_LIMIT = 10_000;

/**
 * Milliseconds after which another signal means impatience. Ctrl-C in a terminal reaches us twice at once: from the
 * terminal and from Nx, which passes it on.
 */
const SAME_SIGNAL = 1_000;

export interface Surroundings {
  readonly workingFolder: string;
  /** Gives SIGTERM and SIGINT; the process in earnest. */
  readonly signals: {
    on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown;
    exit(code: number): void;
  };
  readonly logger: Logger;
}

/**
 * Runs the server until a signal ends it; then it drains and exits with 0. A signal that comes later than a second after the first ends it at once.
 *
 * @throws MlopsError MLOPS_REGISTRY_URL; MLOPS_SIGNING_KEY; MLOPS_SERVER_PORT when the address cannot be listened on
 */
export async function serve(
  {
    registry: config,
    environment,
    models,
    host,
    port,
    subjectHeader,
    keepPrevious,
    publicKeys: keyFiles,
  }: ServeCommand,
  { workingFolder, signals, logger }: Surroundings,
): Promise<void> {
  const registry = openRegistry(config, workingFolder);
  logger.info(`Following environment ${environment} of ${registry.description}.`);
  const publicKeys = await readPublicKeys(keyFiles, workingFolder);
  const server = await createServer({
    registry,
    environment,
    models,
    subjectHeader,
    keepPrevious,
    publicKeys,
    logger,
  });
  closeOnSignal(server, signals, logger);
  const address = await listen(server, host, port);
  if (!(await server.follower.whenReady())) return;
  const serving = server.follower.models.map(({ name, serving: now }) =>
    now === undefined ? `${name} no version yet` : `${name} version ${now.version}`,
  );
  logger.info(
    `nx-mlops-server ready on ${address} (environment ${environment}: ${serving.join(', ') || 'no model yet'})`,
  );
}

/** @throws MlopsError MLOPS_SIGNING_KEY when one cannot be read or is none */
async function readPublicKeys(
  files: readonly string[] | undefined,
  workingFolder: string,
): Promise<readonly string[] | undefined> {
  if (files === undefined) return undefined;
  return Promise.all(
    files.map(async (file) => {
      const pem = await readFile(resolve(workingFolder, file), 'utf8').catch((error: unknown) => {
        throw new MlopsError(
          'MLOPS_SIGNING_KEY',
          'cannot be read. --public-keys names PEM files, relative to the current folder.',
          { file },
          { cause: error },
        );
      });
      parsePublicKey(pem, file);
      return pem;
    }),
  );
}

async function listen({ app }: Server, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new MlopsError(
      'MLOPS_SERVER_PORT',
      taken
        ? `Port ${port} of ${host} is taken by another process. Stop that one, or choose another with --port (0 takes a free one).`
        : `Cannot listen on ${host} port ${port}: ${messageOf(error)}. Choose others with --host and --port.`,
      {},
      { cause: error },
    );
  }
}

function closeOnSignal({ app }: Server, signals: Surroundings['signals'], logger: Logger): void {
  let closingSince: number | undefined;
  const close = (signal: NodeJS.Signals) => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > SAME_SIGNAL) signals.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    closingSince = performance.now();
    logger.info(`${signal}: answering the requests under way, then ending.`);
    setTimeout(() => {
      logger.warn(`Requests still open after ${DRAIN_LIMIT / 1000} s are cut off.`);
      signals.exit(1);
    }, DRAIN_LIMIT).unref();
    app.close().then(
      () => signals.exit(0),
      (error: unknown) => {
        logger.warn(messageOf(error));
        signals.exit(1);
      },
    );
  };
  signals.on('SIGTERM', close);
  signals.on('SIGINT', close);
}
