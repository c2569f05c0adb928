import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { MlopsError } from '../errors/mlops-error';
import { modelStatement } from './model-statement';
import { bundleText, preAuthenticationEncoding } from './signature-bundle';
import { signFiles } from './sign-files';
import { parsePrivateKey, parsePublicKey } from './signing-key';
import { verifySignature, type SignatureCheck } from './verify-signature';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const publicPem = { type: 'spki', format: 'pem' } as const;
const passphrase = 'a secret';

function pairOn(namedCurve: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return {
    privateKeyPem: privateKey.export(pem) as string,
    publicKeyPem: publicKey.export(publicPem) as string,
    privateKey,
  };
}

const pair = pairOn('P-256');
const digestOf = (content: string) => ({ sha256: createHash('sha256').update(content).digest('hex') });
const files = {
  'model.onnx': digestOf('weights'),
  'model.manifest.json': digestOf('{}'),
  'predictions/scores.npy': digestOf('scores'),
};
const bundle = signFiles({ name: 'churn', files, privateKeyPem: pair.privateKeyPem });

function check(changes: Partial<Parameters<typeof verifySignature>[0]> = {}): SignatureCheck {
  return verifySignature({ bundle, files, publicKeys: [pair.publicKeyPem], ...changes });
}

/** A bundle around any statement, rightly signed. */
function signed(statement: unknown, payload = Buffer.from(JSON.stringify(statement))): string {
  const { hint } = parsePublicKey(pair.publicKeyPem);
  return bundleText(hint, payload, sign('sha256', preAuthenticationEncoding(payload), pair.privateKey));
}

function failureOf(work: () => unknown): MlopsError {
  try {
    work();
  } catch (error) {
    if (error instanceof MlopsError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a signature', () => {
  it.each(['P-256', 'P-384', 'P-521'])('by a key on %s is verified by its public key', (curve) => {
    const { privateKeyPem, publicKeyPem } = pairOn(curve);
    const text = signFiles({ name: 'churn', files, privateKeyPem });
    const keyHint = createHash('sha256').update(publicKeyPem).digest('hex');
    expect(check({ bundle: text, publicKeys: [pair.publicKeyPem, publicKeyPem] })).toEqual({
      valid: true,
      keyHint,
    });
    expect(check({ bundle: text })).toMatchObject({ valid: false, problem: 'unknown-key' });
  });

  it('is over every file but itself', () => {
    const withSignature = { ...files, 'model.sig': digestOf(bundle) };
    expect(check({ files: withSignature })).toMatchObject({ valid: true });
    const text = signFiles({ name: 'churn', files: withSignature, privateKeyPem: pair.privateKeyPem });
    expect(check({ bundle: text })).toMatchObject({ valid: true });
  });

  it('of no files is one', () => {
    const text = signFiles({ name: 'empty', files: {}, privateKeyPem: pair.privateKeyPem });
    expect(check({ bundle: text, files: {} })).toMatchObject({ valid: true });
  });

  it.each<[string, Partial<Parameters<typeof verifySignature>[0]>, SignatureCheck]>([
    [
      'a changed file',
      { files: { ...files, 'model.onnx': digestOf('others') } },
      { valid: false, problem: 'changed', because: 'model.onnx is not the file that was signed' },
    ],
    [
      'a missing file',
      { files: { 'model.onnx': files['model.onnx'] } },
      { valid: false, problem: 'missing', because: 'model.manifest.json was signed and is not there' },
    ],
    [
      'an extra file',
      { files: { ...files, 'evil.so': digestOf('evil') } },
      { valid: false, problem: 'extra', because: 'evil.so was not signed' },
    ],
    [
      'no keys',
      { publicKeys: [] },
      expect.objectContaining({ valid: false, problem: 'unknown-key' }) as SignatureCheck,
    ],
    ['no JSON', { bundle: 'no' }, expect.objectContaining({ problem: 'malformed' }) as SignatureCheck],
    ['other JSON', { bundle: '[]' }, expect.objectContaining({ problem: 'malformed' }) as SignatureCheck],
  ])('is refused for %s', (_what, changes, expected) => {
    expect(check(changes)).toEqual(expected);
  });

  it('of another key that claims to be ours is forged', () => {
    const other = pairOn('P-256');
    const hints = [other, pair].map(({ publicKeyPem }) => parsePublicKey(publicKeyPem).hint);
    const text = signFiles({ name: 'churn', files, privateKeyPem: other.privateKeyPem }).replace(
      hints[0] as string,
      hints[1] as string,
    );
    expect(check({ bundle: text })).toMatchObject({ valid: false, problem: 'forged' });
  });

  const statement = modelStatement('churn', files);
  const { predicate } = statement;
  const other = (changes: object) => ({ ...statement, predicate: { ...predicate, ...changes } });
  const [first] = predicate.resources;
  it.each<[string, unknown]>([
    ['another type of statement', { ...statement, _type: 'https://in-toto.io/Statement/v0.1' }],
    ['another predicate', { ...statement, predicateType: 'https://slsa.dev/provenance/v1' }],
    ['two subjects', { ...statement, subject: [...statement.subject, ...statement.subject] }],
    ['another digest of the whole', { ...statement, subject: [{ name: 'churn', digest: digestOf('') }] }],
    ['shards', other({ serialization: { ...predicate.serialization, method: 'shards' } })],
    ['another hash', other({ serialization: { ...predicate.serialization, hash_type: 'blake3' } })],
    ['files left out', other({ resources: predicate.resources.slice(1) })],
    ['a file twice', withRoot(other({ resources: [first, ...predicate.resources] }))],
    ['a path out of it', withRoot(other({ resources: [{ ...first, name: '../model.onnx' }] }))],
    ['no object', null],
  ])('over %s is refused though the key is right', (_what, content) => {
    expect(check({ bundle: signed(content) })).toMatchObject({ valid: false, problem: 'malformed' });
  });

  it('over bytes that are no UTF-8 is refused', () => {
    const payload = Buffer.concat([Buffer.from(JSON.stringify(statement)), Buffer.from([0xff])]);
    expect(check({ bundle: signed(null, payload) })).toMatchObject({ problem: 'malformed' });
  });

  it('passes over fields that it does not know, and takes files in any order', () => {
    const resources = [...predicate.resources].reverse();
    const text = signed(withRoot({ ...other({ resources, note: 1 }), extra: true }));
    expect(check({ bundle: text })).toMatchObject({ valid: true });
  });

  it('is refused when any byte of it is another', () => {
    const bytes = Buffer.from(bundle);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] as number) ^ flip;
        expect(check({ bundle: changed.toString() }).valid).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when it is cut short', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), (length) => {
        expect(check({ bundle: bundle.slice(0, length) }).valid).toBe(false);
      }),
    );
  });

  it('holds for just the names and digests that were signed', () => {
    const unit = fc.constantFrom('a', 'B', '0', '~', 'é', '\u{ff5e}', '\u{1f600}', ' ', '-', '_');
    const part = fc.string({ unit, minLength: 1, maxLength: 8 });
    const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const digests = fc.dictionary(
      name,
      fc.stringMatching(/^[0-9a-f]{64}$/).map((sha256) => ({ sha256 })),
      { minKeys: 1, maxKeys: 6 },
    );
    fc.assert(
      fc.property(digests, fc.nat(), fc.nat(63), fc.integer({ min: 1, max: 15 }), (all, at, digit, flip) => {
        const text = signFiles({ name: 'any', files: all, privateKeyPem: pair.privateKeyPem });
        expect(check({ bundle: text, files: all }).valid).toBe(true);
        const names = Object.keys(all);
        const chosen = names[at % names.length] as string;
        const { [chosen]: digest, ...rest } = all;
        const digits = [...(digest?.sha256 as string)];
        digits[digit] = (parseInt(digits[digit] as string, 16) ^ flip).toString(16);
        for (const changed of [
          { ...rest, [chosen]: { sha256: digits.join('') } },
          { ...rest, [`${chosen}x`]: digest as { sha256: string } },
          rest,
        ]) {
          expect(check({ bundle: text, files: changed }).valid).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function withRoot<Statement extends object>(statement: Statement): Statement {
  const { resources } = (statement as unknown as ReturnType<typeof modelStatement>).predicate;
  const hash = createHash('sha256');
  for (const { digest } of resources) hash.update(Buffer.from(digest, 'hex'));
  return { ...statement, subject: [{ name: 'churn', digest: { sha256: hash.digest('hex') } }] };
}

describe('what is signed', () => {
  it('is the statement that OpenSSF Model Signing v1.0 describes', () => {
    const { dsseEnvelope, ...rest } = JSON.parse(bundle) as {
      dsseEnvelope: { payload: string; payloadType: string };
    };
    expect(rest).toEqual({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        publicKey: { hint: createHash('sha256').update(pair.publicKeyPem).digest('hex') },
        tlogEntries: [],
      },
    });
    expect(dsseEnvelope.payloadType).toBe('application/vnd.in-toto+json');
    const resource = (name: keyof typeof files) => ({
      name,
      algorithm: 'sha256',
      digest: files[name].sha256,
    });
    const resources = (['model.manifest.json', 'model.onnx', 'predictions/scores.npy'] as const).map(
      resource,
    );
    const root = Buffer.concat(resources.map(({ digest }) => Buffer.from(digest, 'hex')));
    expect(JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'churn', digest: { sha256: createHash('sha256').update(root).digest('hex') } }],
      predicateType: 'https://model_signing/signature/v1.0',
      predicate: {
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: ['.git', '.gitattributes', '.gitignore', '.github', 'model.sig'],
        },
        resources,
      },
    });
  });

  it('is in the order of code points', () => {
    const names = ['b', 'a/c', 'a-c', 'B', '\u{ff5e}', '\u{1f600}', 'é'];
    const all = Object.fromEntries(names.map((name) => [name, digestOf(name)]));
    const { resources } = modelStatement('any', all).predicate;
    expect(resources.map(({ name }) => name)).toEqual(['B', 'a-c', 'a/c', 'b', 'é', '\u{ff5e}', '\u{1f600}']);
  });

  it.each([
    ['', 'is empty'],
    ['../model.onnx', '".."'],
    ['a/../b', '".."'],
    ['/etc/passwd', 'absolute'],
    ['C:/model.onnx', 'absolute'],
    ['a\\b', 'backslash'],
    ['./a', 'empty part'],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    ['a\0b', 'NUL'],
    ['a\ud800b', 'Unicode'],
    ['.git/config', 'Git'],
    ['.gitignore', 'Git'],
  ])('cannot have the path %j', (path, because) => {
    const failure = failureOf(() => modelStatement('any', { [path]: digestOf('') }));
    expect(failure.code).toBe('MLOPS_SIGNING_PATH');
    expect(failure.message).toContain(because);
  });
});

describe('a private key', () => {
  const { hint } = parsePublicKey(pair.publicKeyPem);
  const encrypted = pair.privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase }) as string;
  const sec1 = { type: 'sec1', format: 'pem' } as const;
  const encryptedSec1 = pair.privateKey.export({ ...sec1, cipher: 'aes-256-cbc', passphrase }) as string;

  it.each<[string, string, string | undefined]>([
    ['PKCS #8', pair.privateKeyPem, undefined],
    ['SEC 1', pair.privateKey.export(sec1) as string, undefined],
    ['CRLF', pair.privateKeyPem.replaceAll('\n', '\r\n'), undefined],
    ['text around it', `a comment\n${pair.privateKeyPem}\n\n`, undefined],
    ['encrypted PKCS #8', encrypted, passphrase],
    ['encrypted SEC 1', encryptedSec1, passphrase],
    ['a passphrase that is not needed', pair.privateKeyPem, passphrase],
  ])('is read: %s', (_what, text, given) => {
    expect(parsePrivateKey(text, given).hint).toBe(hint);
  });

  it.each<[string, string, string | undefined, RegExp]>([
    ['encrypted without a passphrase', encrypted, undefined, /encrypted.*Set MLOPS_SIGNING_PASSPHRASE/],
    ['encrypted, empty passphrase', encrypted, '', /Set MLOPS_SIGNING_PASSPHRASE/],
    ['another passphrase', encrypted, 'wrong', /cannot be decrypted.*Check MLOPS_SIGNING_PASSPHRASE/],
    ['another passphrase, SEC 1', encryptedSec1, 'wrong', /cannot be decrypted/],
    ['secp256k1', pairOn('secp256k1').privateKeyPem, undefined, /curve secp256k1.*P-256, P-384 or P-521/],
    [
      'RSA',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem) as string,
      undefined,
      /of type RSA.*an EC key/,
    ],
    [
      'Ed25519',
      generateKeyPairSync('ed25519').privateKey.export(pem) as string,
      undefined,
      /of type ED25519/,
    ],
    ['a public key', pair.publicKeyPem, undefined, /no private key/],
    ['no PEM', 'secret', undefined, /no private key/],
    ['cut short', pair.privateKeyPem.slice(0, 90), undefined, /cannot be read/],
  ])('is refused: %s', (_what, text, given, message) => {
    const failure = failureOf(() => parsePrivateKey(text, given));
    expect(failure).toMatchObject({
      code: 'MLOPS_SIGNING_KEY',
      message: expect.stringMatching(message),
    });
    expect(failure.message).not.toContain(text.split('\n')[1] ?? text);
  });
});

describe('a public key', () => {
  it('has one hint, whatever its line ends', () => {
    const hints = [pair.publicKeyPem, pair.publicKeyPem.replaceAll('\n', '\r\n')].map(
      (text) => parsePublicKey(text).hint,
    );
    expect(new Set(hints).size).toBe(1);
    expect(parsePrivateKey(pair.privateKeyPem).hint).toBe(hints[0]);
  });

  it.each<[string, string, RegExp]>([
    ['a private one', pair.privateKeyPem, /keys\/ci\.pem is a private key.*public half/],
    [
      'RSA',
      createPublicKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export(publicPem)).export(
        publicPem,
      ) as string,
      /of type RSA/,
    ],
    ['secp256k1', pairOn('secp256k1').publicKeyPem, /curve secp256k1/],
    ['a text', 'ssh-ed25519 AAAA', /no public key/],
    ['a damaged one', pair.publicKeyPem.replace(/\n.{8}/, '\n'), /cannot be read/],
  ])('is refused: %s', (_what, text, message) => {
    expect(failureOf(() => parsePublicKey(text, 'keys/ci.pem'))).toMatchObject({
      code: 'MLOPS_SIGNING_KEY',
      message: expect.stringMatching(message),
    });
  });
});
