import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MlopsError, fileNameOfProject, layout, registryOf, type MlopsConfig } from '@nx-mlops/core';
import { z } from 'zod';
import { runProcess, type ProcessEnd } from '../processes/run-process';
import type { ProjectFolder } from '../training/project-folder';
import { environmentConfig, environmentNamed } from './environments';

export interface ServeRequest {
  readonly project: ProjectFolder;
  readonly mlops: MlopsConfig;
  /** @default the first of mlops.json */
  readonly environment?: string;
  readonly host?: string;
  readonly port?: number;
  /** Projects whose models are served. @default this one alone */
  readonly models?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** How long the server may drain after SIGTERM. Milliseconds; more than the server itself takes. */
const drainGrace = 15_000;

/**
 * Runs nx-mlops-server until it ends or is stopped, and prints what it prints.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_SERVER_MISSING when @nx-mlops/server is not installed;
 *   MLOPS_SERVER_FAILED when it ended by itself with an error
 */
export async function serveModels(request: ServeRequest): Promise<void> {
  const { project, mlops, env, signal, print } = request;
  const environment = environmentNamed(mlops, request.environment);
  const models = (request.models ?? [project.name]).map(fileNameOfProject);
  const end = await runProcess({
    command: [
      process.execPath,
      await serverProgram(project.workspaceRoot),
      ...registryFlags(mlops),
      ...['--environment', environment],
      ...['--models', models.join(',')],
      ...keyFlags(mlops, environment),
      ...(request.host === undefined ? [] : ['--host', request.host]),
      ...(request.port === undefined ? [] : ['--port', String(request.port)]),
    ],
    cwd: project.workspaceRoot,
    env,
    signal,
    grace: drainGrace,
    onLine: ({ text }) => print(text),
  }).catch((error: unknown) => {
    // Being stopped is how a server ends.
    if (signal.aborted) return { kind: 'exited', code: 0 } as const;
    throw error;
  });
  if (end.kind === 'exited' && end.code === 0) return;
  throw new MlopsError(
    'MLOPS_SERVER_FAILED',
    `The server of "${project.name}" ${howItEnded(end)}. What it printed says why.`,
  );
}

function registryFlags(mlops: MlopsConfig): string[] {
  const { url, endpoint, region, forcePathStyle } = registryOf(mlops);
  return [
    ...['--registry', url],
    ...(endpoint === undefined ? [] : ['--registry-endpoint', endpoint]),
    ...(region === undefined ? [] : ['--registry-region', region]),
    ...(forcePathStyle === undefined ? [] : ['--registry-path-style', forcePathStyle ? 'yes' : 'no']),
  ];
}

/** Where an environment takes only signed versions, its server loads no other either. */
function keyFlags(mlops: MlopsConfig, environment: string): string[] {
  if (environmentConfig(mlops, environment).signature !== 'require') return [];
  const { publicKeys } = mlops.signing ?? {};
  if (publicKeys === undefined) {
    throw new MlopsError(
      'MLOPS_SIGNING_NOT_CONFIGURED',
      `"${environment}" takes only signed versions, but nothing says whose signatures count. Name the PEM files of public keys in signing.publicKeys.`,
      { file: layout.mlopsConfig },
    );
  }
  return ['--public-keys', publicKeys.join(',')];
}

function howItEnded(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with exit code ${end.code}`;
    case 'killed':
      return `was killed by ${end.signal}`;
    case 'not-started':
      return `could not be started (${end.message})`;
    case 'timed-out':
      return 'was stopped';
  }
}

/** The program of the workspace's own @nx-mlops/server. */
async function serverProgram(workspaceRoot: string): Promise<string> {
  const manifest = resolved(join(workspaceRoot, 'package.json'), '@nx-mlops/server/package.json');
  if (manifest === undefined) {
    throw new MlopsError(
      'MLOPS_SERVER_MISSING',
      '@nx-mlops/server is not installed in this workspace. Run npm i -D @nx-mlops/server.',
    );
  }
  const { bin } = serverPackage.parse(JSON.parse(await readFile(manifest, 'utf8')));
  return join(dirname(manifest), bin['nx-mlops-server']);
}

const serverPackage = z.object({ bin: z.object({ 'nx-mlops-server': z.string() }) });

function resolved(from: string, request: string): string | undefined {
  try {
    return createRequire(from).resolve(request);
  } catch {
    return undefined;
  }
}
