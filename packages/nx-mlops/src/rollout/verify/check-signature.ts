import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  MlopsError,
  layout,
  parsePublicKey,
  verifySignature,
  type EnvironmentConfig,
  type MlopsConfig,
  type SignatureCheck,
  type VersionRecord,
} from '@nx-mlops/core';
import { fail, pass, type Finding } from './finding';

type Problem = Extract<SignatureCheck, { valid: false }>['problem'];

/** How to mend what is wrong with a signature. */
const mending: Readonly<Record<Problem, string>> = {
  'unknown-key':
    'Where you trust that key, add its public half to signing.publicKeys in mlops.json; else deploy a version that was signed by one of yours',
  malformed: 'Deploy another version, or restore the registry from a backup',
  forged: 'Deploy another version, or restore the registry from a backup',
  changed: 'Deploy another version, or restore the registry from a backup',
  missing: 'Deploy another version, or restore the registry from a backup',
  extra: 'Deploy another version, or restore the registry from a backup',
};

/**
 * Judges the signature of a version by the policy of an environment. Reads the signature alone; that the bytes of the
 * files are those of their digests is checked elsewhere.
 *
 * @param signature path of `model.sig`; undefined where the version has none
 * @throws MlopsError MLOPS_SIGNING_KEY, MLOPS_SIGNING_NOT_CONFIGURED when a signature is required and the config does not
 *   say whose counts: that is no fault of the version
 */
export async function checkSignature(
  version: VersionRecord,
  signature: string | undefined,
  {
    environment,
    signing,
    workspaceRoot,
  }: {
    readonly environment: Pick<EnvironmentConfig, 'name' | 'signature'>;
    readonly signing?: MlopsConfig['signing'];
    readonly workspaceRoot: string;
  },
): Promise<Finding> {
  const { signature: policy } = environment;
  if (policy === 'off') return pass();
  const refused = policy === 'require' ? fail : (says: string) => pass(`warning: ${says}`);
  if (signature === undefined) {
    return refused(
      'it is not signed. Give deploy the key as MLOPS_SIGNING_KEY when it registers a version; one that is registered stays as it is',
    );
  }
  let publicKeys: string[];
  try {
    publicKeys = await readPublicKeys(signing, environment.name, workspaceRoot);
  } catch (error) {
    if (policy === 'require' || !(error instanceof MlopsError)) throw error;
    return refused(`its signature was not looked at: ${error.message}`);
  }
  const bundle = await readFile(signature, 'utf8');
  const check = verifySignature({ bundle, files: version.files, publicKeys });
  if (check.valid) return pass(`signed by key ${check.keyHint.slice(0, 8)}`);
  return refused(`its signature does not hold: ${check.because}. ${mending[check.problem]}`);
}

async function readPublicKeys(
  signing: MlopsConfig['signing'],
  environment: string,
  workspaceRoot: string,
): Promise<string[]> {
  if (signing === undefined) {
    throw new MlopsError(
      'MLOPS_SIGNING_NOT_CONFIGURED',
      `"${environment}" looks at signatures, but nothing says whose count. Name the PEM files of public keys in signing.publicKeys.`,
      { file: layout.mlopsConfig },
    );
  }
  return Promise.all(
    signing.publicKeys.map(async (file, index) => {
      const pem = await readFile(resolve(workspaceRoot, file), 'utf8').catch((error: unknown) => {
        throw new MlopsError(
          'MLOPS_SIGNING_KEY',
          `${file} cannot be read. Commit the public key there, or name another file.`,
          { file: layout.mlopsConfig, path: `signing.publicKeys[${index}]` },
          { cause: error },
        );
      });
      parsePublicKey(pem, file);
      return pem;
    }),
  );
}
