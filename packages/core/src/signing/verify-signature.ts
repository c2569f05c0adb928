import { verify } from 'node:crypto';
import {
  modelStatementSchema,
  pathProblem,
  rootDigest,
  signedFiles,
  type FileDigests,
  type ModelStatement,
} from './model-statement';
import { parseBundle, preAuthenticationEncoding } from './signature-bundle';
import { parsePublicKey } from './signing-key';

/** What is wrong with a signature. */
export type SignatureProblem = 'malformed' | 'unknown-key' | 'forged' | 'changed' | 'missing' | 'extra';

export type SignatureCheck =
  | { readonly valid: true; /** sha256 of the key that signed. */ readonly keyHint: string }
  | {
      readonly valid: false;
      readonly problem: SignatureProblem;
      /** A clause for people, such as `model.onnx is not the file that was signed`. */
      readonly because: string;
    };

/**
 * Whether one of the keys signed exactly these files (OpenSSF Model Signing v1.0, method key). Stricter than the
 * reference tool: paths that the signer chose to ignore count as extra files, `model.sig` itself apart.
 *
 * @param input.bundle text of `model.sig`
 * @param input.files all files, by path
 * @param input.publicKeys PEM
 * @throws MlopsError MLOPS_SIGNING_KEY when a public key is none
 */
export function verifySignature(input: {
  readonly bundle: string;
  readonly files: FileDigests;
  readonly publicKeys: readonly string[];
}): SignatureCheck {
  const keys = input.publicKeys.map((pem) => parsePublicKey(pem));
  const bundle = parseBundle(input.bundle);
  if (bundle === undefined) return invalid('malformed', 'it is no Sigstore bundle signed by key');
  const { hint, payload, signature } = bundle;
  const key = keys.find((each) => each.hint === hint);
  if (key === undefined) {
    const known = keys.map((each) => each.hint.slice(0, 8)).join(', ');
    return invalid('unknown-key', `it is by key ${hint.slice(0, 8)}, not by ${known}`);
  }
  if (!verify(key.hash, preAuthenticationEncoding(payload), key.key, signature)) {
    return invalid('forged', `it was not made with key ${hint.slice(0, 8)}, or was changed since`);
  }
  const statement = parseStatement(payload);
  if (statement === undefined) {
    return invalid(
      'malformed',
      'it is over no list of files with sha256 digests (OpenSSF Model Signing v1.0)',
    );
  }
  return compareFiles(statement, input.files) ?? { valid: true, keyHint: hint };
}

function parseStatement(payload: Buffer): ModelStatement | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
  const parsed = modelStatementSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function compareFiles({ subject, predicate }: ModelStatement, all: FileDigests): SignatureCheck | undefined {
  const { resources } = predicate;
  const files = new Map(Object.entries(signedFiles(all)).map(([path, { sha256 }]) => [path, sha256]));
  const seen = new Set<string>();
  if (rootDigest(resources) !== subject[0]?.digest.sha256) {
    return invalid('malformed', 'the digest of the whole is not that of its files');
  }
  for (const { name, digest } of resources) {
    const problem = pathProblem(name);
    if (problem !== undefined) return invalid('malformed', `it names ${JSON.stringify(name)}: ${problem}`);
    if (seen.has(name)) return invalid('malformed', `it names ${name} twice`);
    seen.add(name);
    const found = files.get(name);
    if (found === undefined) return invalid('missing', `${name} was signed and is not there`);
    if (found !== digest) return invalid('changed', `${name} is not the file that was signed`);
  }
  for (const name of files.keys()) {
    if (!seen.has(name)) return invalid('extra', `${name} was not signed`);
  }
  return undefined;
}

function invalid(problem: SignatureProblem, because: string): SignatureCheck {
  return { valid: false, problem, because };
}
