import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signFiles, verifySignature } from '@nx-mlops/core';
import tmp from 'tmp';
import { pythonEnvironment } from '../python-environment';

tmp.setGracefulCleanup();

const { python, describeWithPython } = pythonEnvironment(__dirname);

const contents = {
  'model.onnx': 'weights',
  'model.manifest.json': '{}\n',
  'run.json': '',
  'a-b.txt': 'sorts before a/b by code point, after it by folder',
  'a/b.txt': 'inside',
  'a/é 😀.txt': 'beyond ASCII',
};

interface Model {
  readonly folder: string;
  readonly signature: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A folder as somebody would download a version into, with a pair of keys beside it. */
function model(namedCurve: string, passphrase?: string): Model {
  const root = tmp.dirSync({ unsafeCleanup: true, prefix: 'a download ' }).name;
  const folder = join(root, 'churn model');
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const pair = generateKeyPairSync('ec', { namedCurve });
  const [privateKey, publicKey] = [join(root, 'ci.key'), join(root, 'ci.pub')];
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }));
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  return { folder, signature: join(folder, 'model.sig'), privateKey, publicKey };
}

function digests(folder: string): Record<string, { sha256: string }> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
  return Object.fromEntries(
    names.map((name) => {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return [name, { sha256 }];
    }),
  );
}

/** Runs the reference tool; what it printed, and whether it was content. */
function modelSigning(...args: string[]): { readonly ok: boolean; readonly output: string } {
  try {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    return {
      ok: true,
      output: execFileSync(python, ['-X', 'utf8', '-m', 'model_signing', ...args], options),
    };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, output: `${stdout}${stderr}` };
  }
}

function signOurselves({ folder, signature, privateKey }: Model, passphrase?: string): void {
  const privateKeyPem = readFileSync(privateKey, 'utf8');
  writeFileSync(signature, signFiles({ name: 'churn', files: digests(folder), privateKeyPem, passphrase }));
}

function verifyThere({ folder, signature, publicKey }: Model) {
  return modelSigning('verify', 'key', folder, '--signature', signature, '--public_key', publicKey);
}

function verifyOurselves({ folder, signature, publicKey }: Model) {
  return verifySignature({
    bundle: readFileSync(signature, 'utf8'),
    files: digests(folder),
    publicKeys: [readFileSync(publicKey, 'utf8')],
  });
}

describeWithPython('the reference tool of OpenSSF Model Signing', () => {
  it.each(['P-256', 'P-384', 'P-521'])('verifies what we sign on %s', (curve) => {
    const signed = model(curve);
    signOurselves(signed);
    const { ok, output } = verifyThere(signed);
    expect(output).toMatch(/Verification succeeded/);
    expect(ok).toBe(true);
  });

  it.each(['P-256', 'P-384', 'P-521'])('signs what we verify on %s', (curve) => {
    const signed = model(curve);
    const { folder, signature, privateKey } = signed;
    const { output } = modelSigning(
      'sign',
      'key',
      folder,
      '--signature',
      signature,
      '--private_key',
      privateKey,
    );
    expect(output).toMatch(/Signing succeeded/);
    expect(verifyOurselves(signed)).toEqual({
      valid: true,
      keyHint: createHash('sha256').update(readFileSync(signed.publicKey)).digest('hex'),
    });
  });

  it('verifies what we sign with an encrypted key', () => {
    const signed = model('P-256', 'a secret');
    signOurselves(signed, 'a secret');
    expect(verifyThere(signed).output).toMatch(/Verification succeeded/);
  });

  it.each<[string, (model: Model) => void, string]>([
    ['a changed file', ({ folder }) => writeFileSync(join(folder, 'model.onnx'), 'other'), 'changed'],
    ['a missing file', ({ folder }) => rmSync(join(folder, 'a/b.txt')), 'missing'],
    ['an extra file', ({ folder }) => writeFileSync(join(folder, 'a/evil.so'), 'evil'), 'extra'],
    [
      'another key',
      ({ publicKey }) => writeFileSync(publicKey, readFileSync(model('P-256').publicKey)),
      'unknown-key',
    ],
    [
      'another payload',
      ({ signature }) => {
        const bundle = JSON.parse(readFileSync(signature, 'utf8')) as { dsseEnvelope: { payload: string } };
        const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('a-b', 'a-c');
        bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
        writeFileSync(signature, JSON.stringify(bundle));
      },
      'forged',
    ],
  ])('and we refuse %s, whoever signed', (_what, spoil, problem) => {
    const ours = model('P-256');
    signOurselves(ours);
    const theirs = model('P-256');
    const { folder, signature, privateKey } = theirs;
    modelSigning('sign', 'key', folder, '--signature', signature, '--private_key', privateKey);
    for (const signed of [ours, theirs]) {
      expect(verifyThere(signed).ok).toBe(true);
      expect(verifyOurselves(signed).valid).toBe(true);
      spoil(signed);
      expect(verifyThere(signed).ok).toBe(false);
      expect(verifyOurselves(signed)).toMatchObject({ valid: false, problem });
    }
  });
});
