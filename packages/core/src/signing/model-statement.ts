import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MlopsError } from '../errors/mlops-error';
import { layout } from '../layout';

export const statementType = 'https://in-toto.io/Statement/v1';
export const predicateType = 'https://model_signing/signature/v1.0';

/** Top-level names that a signature never covers (OpenSSF Model Signing v1.0), in the order of the reference tool. */
const ignoredPaths: readonly string[] = ['.git', '.gitattributes', '.gitignore', '.github'];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What is signed: an in-toto statement on the files of a model. Fields that v1.0 does not know are passed over, as the
 * specification asks.
 */
export const modelStatementSchema = z.object({
  _type: z.literal(statementType),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256 }) })).length(1),
  predicateType: z.literal(predicateType),
  predicate: z.object({
    serialization: z.object({
      method: z.literal('files'),
      hash_type: z.literal('sha256'),
      allow_symlinks: z.boolean(),
      ignore_paths: z.array(z.string()).optional(),
    }),
    resources: z.array(z.object({ name: z.string(), algorithm: z.literal('sha256'), digest: sha256 })),
  }),
});
export type ModelStatement = z.infer<typeof modelStatementSchema>;
type Resource = ModelStatement['predicate']['resources'][number];

/** By path inside the model, what it holds. */
export type FileDigests = Readonly<Record<string, { readonly sha256: string }>>;

/** All files that a signature covers: every one but the signature itself. */
export function signedFiles(files: FileDigests): FileDigests {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== layout.signatureFile));
}

/**
 * @param name of the model, for readers
 * @throws MlopsError MLOPS_SIGNING_PATH for a path that cannot be signed
 */
export function modelStatement(name: string, files: FileDigests): ModelStatement {
  const resources = Object.entries(signedFiles(files))
    .map(([path, { sha256: digest }]): Resource => ({ name: path, algorithm: 'sha256', digest }))
    .sort((a, b) => compareCodePoints(a.name, b.name));
  for (const resource of resources) {
    const problem = pathProblem(resource.name);
    if (problem === undefined) continue;
    throw new MlopsError(
      'MLOPS_SIGNING_PATH',
      `${JSON.stringify(resource.name)} cannot be signed: ${problem}. Files are named by their path inside the model, with "/".`,
    );
  }
  return {
    _type: statementType,
    subject: [{ name, digest: { sha256: rootDigest(resources) } }],
    predicateType,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: [...ignoredPaths, layout.signatureFile],
      },
      resources,
    },
  };
}

/** sha256 over the raw digests, one after the other in the order given. Hex. */
export function rootDigest(resources: readonly Pick<Resource, 'digest'>[]): string {
  const hash = createHash('sha256');
  for (const { digest } of resources) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

/** Why a path is none inside a model; undefined when it is one. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.includes('\\')) return 'it has a backslash';
  if (path.includes('\0')) return 'it has a NUL character';
  if (/\p{Surrogate}/u.test(path)) return 'it is no Unicode text';
  if (path.startsWith('/') || /^[A-Za-z]:\//.test(path)) return 'it is absolute';
  const parts = path.split('/');
  if (parts.includes('..')) return 'it leads out of the model with ".."';
  if (parts.some((part) => part === '' || part === '.')) return 'it has an empty part or "."';
  if (ignoredPaths.includes(parts[0] as string)) return 'files of Git are never signed';
  return undefined;
}

/** The order of UTF-8 bytes is that of code points; JavaScript's own puts U+FF5E after what lies beyond U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
