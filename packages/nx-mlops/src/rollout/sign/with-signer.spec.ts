import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError, verifySignature, type RegisterInput } from '@nx-mlops/core';
import tmp from 'tmp';
import { withSigner } from './with-signer';

tmp.setGracefulCleanup();

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const encrypted = privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'a secret',
}) as string;
const publicKeys = [publicKey.export({ type: 'spki', format: 'pem' }) as string];
const files = { 'model.onnx': { sha256: 'a'.repeat(64), size: 1 } };

const workspaceRoot = tmp.dirSync({ unsafeCleanup: true, prefix: 'a workspace ' }).name;
const keyFile = join(workspaceRoot, 'ci key.pem');
writeFileSync(keyFile, pem.replaceAll('\n', '\r\n'));

const signWith = <Result>(env: NodeJS.ProcessEnv, use: (sign: RegisterInput['sign']) => Promise<Result>) =>
  withSigner({ env, workspaceRoot, name: 'late' }, use);

it.each<[string, NodeJS.ProcessEnv]>([
  ['a key in PEM form', { MLOPS_SIGNING_KEY: pem }],
  ['a file by its path', { MLOPS_SIGNING_KEY: keyFile }],
  ['a file relative to the workspace', { MLOPS_SIGNING_KEY: 'ci key.pem' }],
  ['an encrypted key', { MLOPS_SIGNING_KEY: encrypted, MLOPS_SIGNING_PASSPHRASE: 'a secret' }],
])('signs with %s, and leaves nothing behind', async (_what, env) => {
  let left = '';
  const bundle = await signWith(env, async (sign) => {
    left = (await sign?.(files)) as string;
    return readFileSync(left, 'utf8');
  });
  expect(verifySignature({ bundle, files, publicKeys })).toMatchObject({ valid: true });
  expect(existsSync(left)).toBe(false);
  expect(existsSync(join(left, '..'))).toBe(false);
});

it.each<[string, NodeJS.ProcessEnv]>([
  ['no key', {}],
  ['an empty one, as CI gives for a secret that is not set', { MLOPS_SIGNING_KEY: ' ' }],
])('does not sign with %s', async (_what, env) => {
  expect(await signWith(env, async (sign) => sign)).toBeUndefined();
});

it.each<[string, NodeJS.ProcessEnv, RegExp]>([
  ['a file that is missing', { MLOPS_SIGNING_KEY: 'nowhere.pem' }, /nor the path of a file .*ENOENT/],
  ['a passphrase that is missing', { MLOPS_SIGNING_KEY: encrypted }, /Set MLOPS_SIGNING_PASSPHRASE/],
  ['a public key', { MLOPS_SIGNING_KEY: publicKeys[0] }, /no private key/],
])('refuses %s before anything is done', async (_what, env, message) => {
  const use = jest.fn();
  const error: unknown = await signWith(env, use).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MlopsError);
  expect(error).toMatchObject({ code: 'MLOPS_SIGNING_KEY', message: expect.stringMatching(message) });
  expect(use).not.toHaveBeenCalled();
});

it('does not print a key whose line breaks were lost', async () => {
  const secret = pem.split('\n')[1] as string;
  const error = (await signWith({ MLOPS_SIGNING_KEY: secret }, jest.fn()).catch(
    (reason: unknown) => reason,
  )) as Error;
  expect(error.message).not.toContain(secret);
  expect(error.cause).toBeUndefined();
});
