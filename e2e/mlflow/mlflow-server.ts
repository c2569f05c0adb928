import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { eventually, freePort } from '../support';

export interface MlflowServer {
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts `mlflow server` with a database and artifacts in a folder of its own.
 *
 * @param python with MLflow installed
 * @param folderName below tmp/e2e/mlflow; emptied first
 */
export async function startMlflowServer(python: string, folderName: string): Promise<MlflowServer> {
  const folder = join(repository, 'tmp/e2e/mlflow', folderName);
  await rm(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const log = join(folder, 'server.log');
  const output = openSync(log, 'w');
  const server = spawn(
    python,
    // prettier-ignore
    ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', 'sqlite:///mlflow.db', '--serve-artifacts', '--artifacts-destination', './artifacts'],
    {
      cwd: folder,
      // A group of its own: the server starts others.
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    },
  );
  closeSync(output);
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
    await ended;
  };
  try {
    await eventually(async () => {
      if (server.exitCode !== null) throw new Error(`it ended with code ${server.exitCode}`);
      const response = await fetch(`${address}/version`);
      return response.ok ? true : undefined;
    }, 180);
  } catch (error) {
    await stop();
    throw new Error(`mlflow server does not start: ${String(error)}\n${readFileSync(log, 'utf8')}`, {
      cause: error,
    });
  }
  return { address, stop };
}
