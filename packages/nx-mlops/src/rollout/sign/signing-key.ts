import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MlopsError, parsePrivateKey } from '@nx-mlops/core';

/** A private key as the environment of the process gives it; never from a config. */
export interface PrivateKey {
  readonly privateKeyPem: string;
  readonly passphrase?: string;
}

/**
 * `MLOPS_SIGNING_KEY`, the PEM text or the path of its file, and `MLOPS_SIGNING_PASSPHRASE`.
 *
 * @param workspaceRoot that a path is relative to
 * @returns undefined when no key is given
 * @throws MlopsError MLOPS_SIGNING_KEY when there is no such file or it is no key that can sign
 */
export async function readSigningKey(
  env: NodeJS.ProcessEnv,
  workspaceRoot: string,
): Promise<PrivateKey | undefined> {
  const { MLOPS_SIGNING_KEY: given = '', MLOPS_SIGNING_PASSPHRASE: passphrase } = env;
  if (given.trim() === '') return undefined;
  const privateKeyPem = given.includes('-----BEGIN') ? given : await readKeyFile(given, workspaceRoot);
  parsePrivateKey(privateKeyPem, passphrase);
  return { privateKeyPem, ...(passphrase === undefined ? {} : { passphrase }) };
}

async function readKeyFile(path: string, workspaceRoot: string): Promise<string> {
  try {
    return await readFile(resolve(workspaceRoot, path), 'utf8');
  } catch (error) {
    // Neither the value nor the cause, which names it, is passed on: it may be the key itself, its line breaks lost.
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new MlopsError(
      'MLOPS_SIGNING_KEY',
      `MLOPS_SIGNING_KEY is neither a key in PEM form, which begins with -----BEGIN, nor the path of a file that can be read (${code}). Paths are relative to the workspace.`,
    );
  }
}
