import { readFile } from 'node:fs/promises';
import {
  canonicalJson,
  layout,
  MlopsError,
  verifySignature,
  type SignatureCheck,
  type VersionRecord,
} from '@nx-mlops/core';
import type { RegistryReader } from './registry-reader';

/**
 * Refuses a version that none of the keys has signed, before anything of it is loaded. A registry that somebody rewrote as a
 * whole, digests, log and all, fails here.
 *
 * @param publicKeys PEM
 * @throws MlopsError MLOPS_SIGNATURE_REFUSED; of the registry
 */
export async function refuseUnsigned(
  registry: RegistryReader,
  record: VersionRecord,
  publicKeys: readonly string[],
): Promise<void> {
  const check = await signatureOf(registry, record, publicKeys);
  if (!check.valid) throw refused(record, `its signature does not hold: ${check.because}`);
  // The signature covers the files. What the model is fed by stands in the record, so it must be that of the file.
  const manifest = JSON.parse(
    await readFile(await registry.fetchFile(record, layout.modelManifest), 'utf8'),
  ) as unknown;
  if (canonicalJson(manifest) !== canonicalJson(record.manifest)) {
    throw refused(record, 'its record does not tell of the model that was signed');
  }
}

async function signatureOf(
  registry: RegistryReader,
  record: VersionRecord,
  publicKeys: readonly string[],
): Promise<SignatureCheck> {
  if (!Object.hasOwn(record.files, layout.signatureFile)) throw refused(record, 'it is not signed');
  const bundle = await readFile(await registry.fetchFile(record, layout.signatureFile), 'utf8');
  return verifySignature({ bundle, files: record.files, publicKeys });
}

function refused({ version, model }: VersionRecord, because: string): MlopsError {
  return new MlopsError(
    'MLOPS_SIGNATURE_REFUSED',
    `version ${version} of "${model}" is not loaded: ${because}. Deploy a version that is signed by one of the keys of --public-keys.`,
  );
}
