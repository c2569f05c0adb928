import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MlopsError, messageOf, parsePrivateKey, parsePublicKey, type MlopsConfig } from '@nx-mlops/core';
import { readSigningKey } from '../../rollout/sign/signing-key';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { unreadConfig } from '../unread-config';
import type { Check, Surroundings } from '../surroundings';

const PUBLIC = 'public keys';
const PRIVATE = 'signing key';

/** Whether signatures can be judged where an environment looks at them, and made in CI where one requires them. */
export const signingCheck: Check = {
  name: 'signing',
  async run(surroundings) {
    const { mlops, workspaceRoot } = surroundings;
    if (mlops === undefined) return [unreadConfig(PUBLIC), unreadConfig(PRIVATE)];
    const keys = await readPublicKeys(mlops.signing, workspaceRoot);
    return [...judgePublicKeys(mlops, keys), await judgeSigningKey(mlops, surroundings, keys)];
  },
};

/** A public key, or why it is none. */
type PublicKey =
  { readonly file: string; readonly hint: string } | { readonly file: string; readonly error: string };

async function readPublicKeys(signing: MlopsConfig['signing'], workspaceRoot: string): Promise<PublicKey[]> {
  return Promise.all(
    (signing?.publicKeys ?? []).map(async (file) => {
      try {
        const pem = await readFile(resolve(workspaceRoot, file), 'utf8');
        return { file, hint: parsePublicKey(pem, file).hint };
      } catch (error) {
        if (error instanceof MlopsError) return { file, error: error.message };
        const code = (error as NodeJS.ErrnoException).code ?? messageOf(error);
        return {
          file,
          error: `${file} cannot be read (${code}). Commit the public key there, or name another file.`,
        };
      }
    }),
  );
}

function judgePublicKeys({ environments, signing }: MlopsConfig, keys: readonly PublicKey[]): Finding[] {
  const asking = environments.filter(({ signature }) => signature !== 'off');
  const judge = asking.some(({ signature }) => signature === 'require') ? problem : warning;
  if (signing === undefined) {
    if (asking.length === 0) return [skipped(PUBLIC, 'no environment looks at signatures')];
    return [
      judge(
        PUBLIC,
        `${namesOf(asking)} looks at signatures, but nothing says whose count`,
        'Name the PEM files of public keys in signing.publicKeys of mlops.json.',
      ),
    ];
  }
  const broken = keys.flatMap((key) => ('error' in key ? [judge(PUBLIC, key.error)] : []));
  return broken.length > 0 ? broken : [ok(PUBLIC, keys.map(({ file }) => file).join(', '))];
}

async function judgeSigningKey(
  { environments }: MlopsConfig,
  { env, workspaceRoot, isCi }: Surroundings,
  keys: readonly PublicKey[],
): Promise<Finding> {
  const requiring = environments.filter(({ signature }) => signature === 'require');
  let key;
  try {
    key = await readSigningKey(env, workspaceRoot);
  } catch (error) {
    // Its errors never hold the key.
    return problem(PRIVATE, messageOf(error));
  }
  if (key === undefined) {
    if (requiring.length === 0) return skipped(PRIVATE, 'no environment requires signatures');
    if (!isCi) return skipped(PRIVATE, 'versions are signed in CI');
    return warning(
      PRIVATE,
      `${namesOf(requiring)} requires signatures, and this job has no MLOPS_SIGNING_KEY`,
      'Give it to the job that runs deploy, and to no other: a version that was registered unsigned stays so (docs/signing.md).',
    );
  }
  const { hint } = parsePrivateKey(key.privateKeyPem, key.passphrase);
  if (keys.length > 0 && !keys.some((known) => 'hint' in known && known.hint === hint)) {
    return (requiring.length > 0 ? problem : warning)(
      PRIVATE,
      `signs as key ${hint.slice(0, 8)}, which is none of signing.publicKeys`,
      'Commit its public half (openssl pkey -in <private key> -pubout) and name it there, or give the job the key that belongs to one of them.',
    );
  }
  return ok(PRIVATE, `can sign, as key ${hint.slice(0, 8)}`);
}

function namesOf(environments: readonly { readonly name: string }[]): string {
  return environments.map(({ name }) => `"${name}"`).join(' and ');
}
