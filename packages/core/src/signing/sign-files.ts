import { sign } from 'node:crypto';
import { modelStatement, type FileDigests } from './model-statement';
import { bundleText, preAuthenticationEncoding } from './signature-bundle';
import { parsePrivateKey } from './signing-key';

/**
 * Signs the files of a model by key, as OpenSSF Model Signing v1.0 says, so that its tools verify it too.
 *
 * @param input.name of the model, for readers; nothing is checked by it
 * @param input.files all of them by path; `model.sig` among them is left out
 * @param input.privateKeyPem EC on P-256, P-384 or P-521
 * @returns the text of `model.sig`
 * @throws MlopsError MLOPS_SIGNING_KEY; MLOPS_SIGNING_PATH
 */
export function signFiles(input: {
  readonly name: string;
  readonly files: FileDigests;
  readonly privateKeyPem: string;
  readonly passphrase?: string;
}): string {
  const { key, hash, hint } = parsePrivateKey(input.privateKeyPem, input.passphrase);
  const payload = Buffer.from(JSON.stringify(modelStatement(input.name, input.files)));
  return bundleText(hint, payload, sign(hash, preAuthenticationEncoding(payload), key));
}
