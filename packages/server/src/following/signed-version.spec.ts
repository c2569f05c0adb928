import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  openRegistry,
  sha256OfBytes,
  signFiles,
  type RegisterInput,
  type VersionRecord,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { refuseUnsigned } from './signed-version';

tmp.setGracefulCleanup();

const keys = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const ours = keys();

/** A version in a registry, signed with a key or not at all. */
async function version(privateKeyPem: string | undefined) {
  const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;
  const registry = openRegistry(`file:${folder}/registry`, '/');
  const trained = mkdtempSync(join(folder, 'trained '));
  const write = (name: string, content: string) => {
    writeFileSync(join(trained, name), content);
    return join(trained, name);
  };
  const manifest: RegisterInput['manifest'] = {
    version: 1,
    model: 'late',
    task: 'regression',
    file: { sha256: sha256OfBytes('weights'), size: 7 },
    features: [{ name: 'x', type: 'number' }],
    target: 'y',
    inputLayout: 'matrix',
    inputs: [{ name: 'x', type: 'float32', shape: [-1, 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: [-1, 1] }],
    datasets: {},
  };
  const { version: record } = await registry.registerVersion({
    model: 'late',
    files: {
      'model.onnx': write('model.onnx', 'weights'),
      'model.manifest.json': write('model.manifest.json', canonicalJson(manifest)),
    },
    manifest,
    metrics: {},
    gates: {
      version: 2,
      model: 'late',
      modelSha256: manifest.file.sha256,
      evaluationSha256: '0'.repeat(64),
      passed: true,
      verdict: 'pass',
      gates: [],
      baselines: [],
    },
    provenance: {},
    actor: 'spec',
    ...(privateKeyPem === undefined
      ? {}
      : {
          sign: (files: VersionRecord['files']) =>
            Promise.resolve(write('model.sig', signFiles({ name: 'late', files, privateKeyPem }))),
        }),
  });
  return { registry, record };
}

it('lets in what one of the keys signed', async () => {
  const { registry, record } = await version(ours.privateKey);
  await expect(refuseUnsigned(registry, record, [keys().publicKey, ours.publicKey])).resolves.toBeUndefined();
});

it.each([
  ['is not signed', undefined, (record: VersionRecord) => record, /it is not signed/],
  [
    'is signed by somebody else',
    keys().privateKey,
    (record: VersionRecord) => record,
    /its signature does not hold/,
  ],
  [
    'has another file than was signed',
    ours.privateKey,
    (record: VersionRecord) => ({
      ...record,
      files: { ...record.files, 'model.onnx': { sha256: sha256OfBytes('other'), size: 5 } },
    }),
    /its signature does not hold/,
  ],
  [
    'is fed otherwise than was signed',
    ours.privateKey,
    (record: VersionRecord) => ({ ...record, manifest: { ...record.manifest, features: [] } }),
    /does not tell of the model that was signed/,
  ],
])('refuses what %s', async (_, key, change, message) => {
  const { registry, record } = await version(key);
  const attempt = refuseUnsigned(registry, change(record), [ours.publicKey]);
  await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'MLOPS_SIGNATURE_REFUSED' }));
  await expect(attempt).rejects.toThrow(message);
});
