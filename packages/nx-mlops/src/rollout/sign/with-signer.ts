import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout, signFiles, type RegisterInput } from '@nx-mlops/core';
import { readSigningKey } from './signing-key';

/**
 * Gives what signs a new version, where the environment of the process holds a private key.
 *
 * @param options.name of the model, in the signature for readers
 * @param use is given undefined where there is no key; the signature lies in a folder that is gone when it is done
 * @throws MlopsError MLOPS_SIGNING_KEY
 */
export async function withSigner<Result>(
  options: { readonly env: NodeJS.ProcessEnv; readonly workspaceRoot: string; readonly name: string },
  use: (sign: RegisterInput['sign']) => Promise<Result>,
): Promise<Result> {
  const { env, workspaceRoot, name } = options;
  const key = await readSigningKey(env, workspaceRoot);
  if (key === undefined) return use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'nx-mlops-signature-'));
  try {
    return await use(async (files) => {
      const path = join(folder, layout.signatureFile);
      await writeFile(path, signFiles({ name, files, ...key }));
      return path;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
