/** @jest-environment ./../runtime/jest-environment.cjs */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  goldenSchema,
  openRegistry,
  sha256OfBytes,
  type Column,
  type Evidence,
  type GateReport,
  type ModelManifest,
  type Registry,
  type SignaturePolicy,
  type VersionRecord,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { evaluateModel } from '../../evaluation/evaluate';
import { evaluationBench } from '../../evaluation/evaluation-bench.fixture';
import { readCandidate } from '../read-candidate';
import { withSigner } from '../sign/with-signer';
import { verifyVersion, type VerifyRequest } from './verify-version';

tmp.setGracefulCleanup();

const kinds = {
  binary: {
    rows: `SELECT * FROM (VALUES (0.0, 'XXX', 'no'), (0.5, 'JFK', 'yes'), (0.25, NULL, 'no'), (-1.5, 'LAX', 'yes')) AS t(amount, origin, target)`,
    columns: [
      { name: 'amount', type: 'number' },
      { name: 'origin', type: 'string' },
      { name: 'target', type: 'string' },
    ],
  },
  regression: {
    rows: 'SELECT i::DOUBLE AS first, i * 1e6 AS second, 3.0 * i AS target FROM range(40) AS t(i)',
    columns: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
      { name: 'target', type: 'number' },
    ],
  },
  multiclass: {
    rows: `SELECT i / 10.0 AS first, -i / 20.0 AS second, ['a', 'b', 'c'][1 + i % 3] AS target FROM range(30) AS t(i)`,
    columns: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
      { name: 'target', type: 'string' },
    ],
  },
  custom: {
    rows: 'SELECT 1.0 AS first, 2.0 AS second, 3.0 AS target',
    columns: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
      { name: 'target', type: 'number' },
    ],
  },
} satisfies Record<string, { rows: string; columns: Column[] }>;

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const hint = sha256OfBytes(publicKeyPem).slice(0, 8);

interface Bench {
  readonly registry: Registry;
  readonly version: VersionRecord;
  readonly verify: (changes?: Partial<VerifyRequest>, policy?: SignaturePolicy) => Promise<Evidence>;
  /** Path of the stored bytes of a file. */
  readonly stored: (name: string) => Promise<string>;
}

interface BenchOptions {
  readonly kind?: keyof typeof kinds;
  readonly signed?: boolean;
  /** Before it is registered. */
  readonly spoil?: (files: Record<string, string>) => void;
  readonly manifest?: (manifest: ModelManifest) => ModelManifest;
}

/** A version that was evaluated, gated and registered by the code that does so in life. */
async function bench({ kind = 'binary', signed = true, spoil, manifest }: BenchOptions = {}): Promise<Bench> {
  const { rows, columns } = kinds[kind];
  const { folder, request } = await evaluationBench(kind, rows, [...columns]);
  const { workspaceRoot } = request.project;
  const evaluation = await evaluateModel(request);
  const gates: GateReport = {
    version: 2,
    model: 'late',
    modelSha256: evaluation.modelSha256,
    evaluationSha256: sha256OfBytes(readFileSync(join(folder, '.mlops/evaluation/evaluation.json'))),
    passed: true,
    verdict: 'pass',
    gates: [],
    baselines: [],
  };
  mkdirSync(join(folder, '.mlops/gate'));
  writeFileSync(join(folder, '.mlops/gate/gate.json'), canonicalJson(gates));
  mkdirSync(join(workspaceRoot, 'my keys'));
  writeFileSync(join(workspaceRoot, 'my keys/ci.pem'), publicKeyPem);
  const registry = openRegistry('file:.mlops/the registry', workspaceRoot);
  const candidate = await readCandidate(request.project);
  const files = { ...candidate.files };
  spoil?.(files);
  const env = signed ? { MLOPS_SIGNING_KEY: privateKeyPem } : {};
  const { version } = await withSigner({ env, workspaceRoot, name: 'late' }, (sign) =>
    registry.registerVersion({
      model: 'late',
      files,
      manifest: manifest === undefined ? candidate.manifest : manifest(candidate.manifest),
      metrics: evaluation.metrics,
      ...(evaluation.threshold === undefined ? {} : { threshold: evaluation.threshold }),
      gates,
      provenance: {},
      actor: 'ada',
      ...(sign === undefined ? {} : { sign }),
    }),
  );
  const verify = (changes: Partial<VerifyRequest> = {}, policy: SignaturePolicy = 'require') =>
    verifyVersion({
      registry,
      version,
      environment: { name: 'production', signature: policy },
      signing: { publicKeys: ['my keys/ci.pem'] },
      workspaceRoot,
      ...changes,
    });
  return { registry, version, verify, stored: (name) => registry.fetchFile(version, name) };
}

function overwrite(path: string, content: string): void {
  chmodSync(path, 0o600);
  writeFileSync(path, content);
}

const failing = (message: RegExp): Evidence => ({
  kind: 'verification',
  verdict: 'fail',
  summary: expect.stringMatching(message) as string,
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error.code;
}

describe('a version as it was registered', () => {
  it('passes, and the summary says by what', async () => {
    const { version, verify } = await bench();
    const files = Object.keys(version.files).length;
    expect(files).toBe(9);
    expect(await verify()).toEqual({
      kind: 'verification',
      verdict: 'pass',
      summary: `all ${files} files whole; signed by key ${hint}; 4 golden rows agree exactly`,
    });
  });

  it.each(['regression', 'multiclass'] as const)('passes for a %s', async (kind) => {
    const { verify } = await bench({ kind });
    expect(await verify()).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(/; 16 golden rows agree exactly$/),
    });
  });

  it('passes for a custom task, which has no golden rows', async () => {
    const { version, verify } = await bench({ kind: 'custom' });
    expect(Object.keys(version.files)).not.toContain('golden.json');
    expect((await verify()).summary).toMatch(/; it loads; a custom task has no golden rows$/);
  });

  it('is verified in a fraction of the time that a rollback may take', async () => {
    const { verify } = await bench();
    await verify();
    const started = performance.now();
    await verify();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('bytes', () => {
  it.each(['model.onnx', 'golden.json', 'model.sig', 'predictions-scores.npy'])(
    'of %s that were changed are refused, whatever the policy',
    async (name) => {
      const { verify, stored } = await bench();
      const path = await stored(name);
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
      chmodSync(path, 0o600);
      writeFileSync(path, bytes);
      for (const policy of ['off', 'warn', 'require'] as const) {
        expect(await verify({}, policy)).toEqual(
          failing(new RegExp(`^1 of 9 files not whole: ${name}: .*Restore the file from a backup`)),
        );
      }
    },
  );

  it('that are missing are refused', async () => {
    const { verify, stored } = await bench();
    rmSync(await stored('model.onnx'));
    rmSync(await stored('golden.json'));
    expect(await verify()).toEqual(failing(/^2 of 9 files not whole: .*model\.onnx: /));
  });

  it('that cannot be read now say nothing of the version', async () => {
    const { verify } = await bench();
    const registry = {
      fetchFile: () => Promise.reject(new MlopsError('MLOPS_STORE_UNREACHABLE', 'no network')),
    };
    expect(await codeOf(verify({ registry }))).toBe('MLOPS_STORE_UNREACHABLE');
  });
});

describe('a signature', () => {
  it('that is missing is refused, told of, or not looked at, as the policy says', async () => {
    const { verify } = await bench({ signed: false });
    expect(await verify({}, 'require')).toEqual(failing(/^it is not signed\. .*MLOPS_SIGNING_KEY/));
    expect(await verify({}, 'warn')).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(/^all 8 files whole; warning: it is not signed\..*; 4 golden rows/),
    });
    expect(await verify({}, 'off')).toMatchObject({
      verdict: 'pass',
      summary: 'all 8 files whole; 4 golden rows agree exactly',
    });
  });

  it.each<[string, (b: Bench) => VersionRecord['files'], RegExp]>([
    [
      'of other files',
      ({ version }) => ({ ...version.files, 'model.onnx': version.files['golden.json'] as never }),
      /^its signature does not hold: model\.onnx is not the file that was signed/,
    ],
    [
      'of fewer files',
      ({ version }) => ({ ...version.files, 'more.onnx': version.files['model.onnx'] as never }),
      /more\.onnx was not signed/,
    ],
  ])('%s does not hold', async (_what, changed, message) => {
    const b = await bench();
    const version = { ...b.version, files: changed(b) };
    expect(await b.verify({ version })).toEqual(failing(message));
  });

  it('that was replaced does not hold, and nothing is loaded before that is known', async () => {
    const b = await bench();
    const model = await b.stored('model.onnx');
    overwrite(model, 'no model at all');
    const signature = join(tmp.dirSync({ unsafeCleanup: true }).name, 'model.sig');
    const bundle = readFileSync(await b.stored('model.sig'), 'utf8');
    writeFileSync(signature, bundle.replace(/"sig":"(.{20})./, '"sig":"$1A'));
    const fetchFile = async (_version: VersionRecord, name: string) =>
      name === 'model.sig'
        ? signature
        : name === 'model.onnx'
          ? model
          : b.registry.fetchFile(b.version, name);
    expect(await b.verify({ registry: { fetchFile } })).toEqual(
      failing(/^its signature does not hold: it was not made with key .* Deploy another version/),
    );
    expect(await b.verify({ registry: { fetchFile } }, 'off')).toEqual(
      failing(/^model\.onnx: .*is no model that ONNX Runtime can load/),
    );
  });

  it('by a key that is not ours does not hold', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    const { verify } = await bench();
    const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'other keys ' }).name;
    const file = join(folder, 'other.pem');
    writeFileSync(file, other.export({ type: 'spki', format: 'pem' }));
    expect(await verify({ signing: { publicKeys: [file] } })).toEqual(
      failing(new RegExp(`it is by key ${hint}, not by .*signing\\.publicKeys in mlops\\.json`)),
    );
    expect(await verify({ signing: { publicKeys: [file] } }, 'warn')).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(
        /; warning: its signature does not hold: it is by key .*; 4 golden rows/,
      ),
    });
    expect(await verify({ signing: { publicKeys: [file, 'my keys/ci.pem'] } })).toMatchObject({
      verdict: 'pass',
    });
  });

  it.each<[string, VerifyRequest['signing'], string]>([
    ['no public keys', undefined, 'MLOPS_SIGNING_NOT_CONFIGURED'],
    ['a key file that is missing', { publicKeys: ['nowhere.pem'] }, 'MLOPS_SIGNING_KEY'],
    ['a file that is no key', { publicKeys: ['test.parquet'] }, 'MLOPS_SIGNING_KEY'],
  ])('is not judged with %s: that is no fault of the version', async (_what, signing, code) => {
    const { verify } = await bench();
    expect(await codeOf(verify({ signing }, 'require'))).toBe(code);
    expect(await verify({ signing }, 'warn')).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(/warning: its signature was not looked at: mlops\.json|parquet/),
    });
    expect((await verify({ signing }, 'off')).verdict).toBe('pass');
  });
});

describe('a record', () => {
  it.each<[string, (version: VersionRecord) => Partial<VersionRecord>, RegExp]>([
    [
      'gates that did not pass',
      ({ gates }) => ({ gates: { ...gates, passed: false } as never }),
      /^its gates did not pass/,
    ],
    [
      'gates on another model',
      ({ gates }) => ({ gates: { ...gates, modelSha256: 'f'.repeat(64) } as never }),
      /^its gates judged another model file/,
    ],
    [
      'gates on another evaluation',
      ({ gates }) => ({ gates: { ...gates, evaluationSha256: 'f'.repeat(64) } as never }),
      /^its gates judged another evaluation\.json/,
    ],
    [
      'other gates than its file',
      ({ gates }) => ({ gates: { ...gates, verdict: 'inconclusive' } as never }),
      /^its record and its gate\.json say different things/,
    ],
    [
      'another manifest than its file',
      ({ manifest }) => ({ manifest: { ...manifest, target: 'other' } }),
      /^its record and its model\.manifest\.json/,
    ],
    [
      'better metrics than its evaluation',
      ({ metrics }) => ({ metrics: { ...metrics, accuracy: 0.99 } }),
      /^its record and its evaluation\.json/,
    ],
    ['another threshold', () => ({ threshold: 0.1 }), /^its record and its evaluation\.json/],
  ])('with %s is refused', async (_what, changes, message) => {
    const { version, verify } = await bench();
    expect(await verify({ version: { ...version, ...changes(version) } })).toEqual(failing(message));
  });
});

describe('a model', () => {
  it.each<[string, (manifest: ModelManifest) => ModelManifest, RegExp]>([
    [
      'another output',
      ({ outputs, ...manifest }) => ({
        ...manifest,
        outputs: outputs.map((output) => ({ ...output, name: 'chance' })),
        scoreOutput: 'chance',
      }),
      /it has no output "chance"; it has an output "\w+" more\. Train and register it anew/,
    ],
    [
      'another input',
      (manifest) => ({
        ...manifest,
        inputs: manifest.inputs.map((input) => ({ ...input, type: 'float64' as const })),
      }),
      /the input "amount" is float32\[.*\] instead of float64\[/,
    ],
  ])('that has %s than its manifest says is refused', async (_what, manifest, message) => {
    const spoil = (files: Record<string, string>) => delete files['model.manifest.json'];
    const { verify } = await bench({ manifest, spoil });
    expect(await verify()).toEqual(failing(message));
  });
});

describe('golden rows', () => {
  const rewrite = (change: (golden: ReturnType<typeof goldenSchema.parse>) => unknown) => ({
    spoil: (files: Record<string, string>) => {
      const path = files['golden.json'] as string;
      writeFileSync(path, canonicalJson(change(goldenSchema.parse(JSON.parse(readFileSync(path, 'utf8'))))));
    },
  });
  const withScores = (score: (score: number) => number | null) =>
    rewrite((golden) => ({
      ...golden,
      rows: golden.rows.map((row, index) =>
        index === 1 ? { ...row, scores: [score(row.scores[0] as number)] } : row,
      ),
    }));

  it('that come out otherwise are refused, with the row and both scores', async () => {
    const { verify } = await bench(withScores((score) => score + 2e-5));
    expect(await verify()).toEqual(failing(/^golden row 1 comes out as 0\.\d+ instead of 0\.\d+\. /));
  });

  it('may differ as processors do', async () => {
    const { verify } = await bench(withScores((score) => score + 5e-6));
    expect((await verify()).summary).toMatch(/; 4 golden rows agree to 5e-6$/);
  });

  it('of large scores may differ by as much of their size', async () => {
    const { verify } = await bench({ kind: 'regression', ...withScores((score) => score * (1 + 5e-6)) });
    expect((await verify()).verdict).toBe('pass');
  });

  it('whose score was no number must stay so', async () => {
    const { verify } = await bench(withScores(() => null));
    expect(await verify()).toEqual(failing(/^golden row 1 comes out as 0\.\d+ instead of NaN/));
  });

  it.each<[string, BenchOptions, string, RegExp]>([
    ['of another model', rewrite((g) => ({ ...g, modelSha256: 'f'.repeat(64) })), 'fail', /another model/],
    ['without a feature', rewrite((g) => ({ ...g, features: g.features.slice(0, 1) })), 'fail', /origin/],
    ['of a later form', rewrite((g) => ({ ...g, version: 2 })), 'inconclusive', /Update nx-mlops/],
  ])('%s are no pass', async (_what, options, verdict, summary) => {
    const { verify } = await bench(options);
    expect(await verify()).toMatchObject({ verdict, summary: expect.stringMatching(summary) });
  });

  it('that are absent are said to be, and a row of zeros is predicted', async () => {
    const { verify } = await bench({ spoil: (files) => delete files['golden.json'] });
    expect(await verify()).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(/; no golden rows, but it predicts a row of zeros$/),
    });
  });
});
