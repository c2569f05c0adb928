import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  mlopsConfigSchema,
  openRegistry,
  sha256OfBytes,
  type Evaluation,
  type GateReport,
  type ModelManifest,
  type TensorSignature,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { gitRepository } from '../evaluation/gate/baselines/git-repository.fixture';
import { deployModel, type DeployRequest } from './deploy';
import { showHistory } from './history';
import { promoteModel } from './promote';
import { rollbackModel } from './rollback';
import { fakeTools } from './tools.fixture';

tmp.setGracefulCleanup();

interface Bench {
  readonly request: DeployRequest;
  readonly printed: string[];
  /** Puts a model there, trained, evaluated and judged. */
  readonly train: (content: string, changes?: { passed?: boolean }) => void;
  readonly file: (folder: string, name: string) => string;
}

function bench(): Bench {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const folder = join(workspaceRoot, 'ml', 'late');
  const printed: string[] = [];
  const mlops = mlopsConfigSchema.parse({ environments: [{ name: 'staging' }, { name: 'production' }] });
  const file = (name: string, inner: string) => join(folder, '.mlops', name, inner);
  const write = (path: string, content: string) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  };
  const request: DeployRequest = {
    project: { workspaceRoot, name: '@acme/late', root: 'ml/late', folder },
    mlops,
    registry: openRegistry(mlops.registry, workspaceRoot),
    actor: 'ann',
    print: (line) => printed.push(line),
    tools: fakeTools(),
  };
  const train = (content: string, { passed = true } = {}) => {
    const modelSha256 = sha256OfBytes(content);
    const tensor: TensorSignature = { name: 'x', type: 'float32', shape: [-1] };
    const manifest: ModelManifest = {
      version: 1,
      model: '@acme/late',
      task: 'regression',
      file: { sha256: modelSha256, size: content.length },
      features: [{ name: 'x', type: 'number' }],
      target: 'y',
      inputLayout: 'columns',
      inputs: [tensor],
      outputs: [{ ...tensor, name: 'scores' }],
      scoreOutput: 'scores',
      datasets: {},
    };
    const evaluation: Evaluation = {
      version: 2,
      model: '@acme/late',
      task: 'regression',
      modelSha256,
      modelSize: content.length,
      test: { dataset: 'd', split: 'test', sha256: 'b'.repeat(64), rows: 10 },
      confidence: 0.95,
      metrics: { mae: 1 },
      intervals: {},
      directions: { mae: 'lower' },
      baseline: { strategy: 'mean', metrics: { mae: 2 } },
      threshold: 0.3,
      slices: [],
      fairness: [],
      warnings: [],
      predictions: {
        rows: 10,
        scores: { file: 'predictions/scores.npy', sha256: 'c'.repeat(64), size: 1 },
        truth: { file: 'predictions/truth.npy', sha256: 'd'.repeat(64), size: 1 },
        slices: { 'a b': { file: 'predictions/slice-0.npy', sha256: 'e'.repeat(64), size: 1, values: [] } },
      },
    };
    const gate = {
      name: 'mae <= 3',
      kind: 'limit',
      metric: 'mae',
      max: 3,
      value: 1,
      severity: 'block',
      because: 'It is.',
    } as const;
    const report: GateReport = {
      version: 2,
      model: '@acme/late',
      modelSha256,
      evaluationSha256: sha256OfBytes(canonicalJson(evaluation)),
      passed,
      verdict: passed ? 'pass' : 'fail',
      gates: [passed ? { ...gate, verdict: 'pass' } : { ...gate, verdict: 'fail', effect: 'block' }],
      baselines: [],
    };
    write(file('model', 'model.onnx'), content);
    write(file('model', 'model.manifest.json'), canonicalJson(manifest));
    write(file('evaluation', 'evaluation.json'), canonicalJson(evaluation));
    write(file('evaluation', 'performance.json'), '{}');
    for (const name of ['scores', 'truth', 'slice-0']) {
      write(file('evaluation/predictions', `${name}.npy`), name);
    }
    write(file('gate', 'MODEL_CARD.md'), '# late');
    write(file('gate', 'gate.json'), canonicalJson(report));
  };
  return { request, printed, train, file };
}

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

const serving = async ({ request }: Bench) =>
  Object.fromEntries(
    [...(await request.registry.state('acme-late')).deployments].map(([name, { version }]) => [
      name,
      version,
    ]),
  );

it('the life of a model: deploy twice, promote, deploy another, promote, roll back, and what history tells', async () => {
  const b = bench();
  const { request, printed, train } = b;
  train('one');
  await deployModel(request);
  const { files, threshold } = await request.registry.readVersion('acme-late', 1);
  expect(Object.keys(files).sort()).toEqual([
    'MODEL_CARD.md',
    'evaluation.json',
    'gate.json',
    'model.manifest.json',
    'model.onnx',
    'performance.json',
    'predictions-scores.npy',
    'predictions-slice-0.npy',
    'predictions-truth.npy',
  ]);
  expect(threshold).toBe(0.3);
  expect((await deployModel(request))?.changed).toBe(false);
  expect(printed.at(-1)).toMatch(/^staging serves @acme\/late version 1 already, since .*: nothing to do$/);
  await promoteModel(request);
  expect(await serving(b)).toEqual({ staging: 1, production: 1 });

  train('two');
  await deployModel({ ...request, reason: 'fresher data' });
  expect(printed.at(-1)).toBe('staging now serves @acme/late version 2 (before: version 1)');
  await promoteModel({ ...request, actor: 'bob', to: 'production' });
  expect(await serving(b)).toEqual({ staging: 2, production: 2 });

  await rollbackModel({ ...request, reason: 'complaints' });
  expect(await serving(b)).toEqual({ staging: 2, production: 1 });
  expect(printed.join('\n')).toMatch(
    /@acme\/late: roll production back from version 2 \(since .*\) to version 1 /,
  );

  const events = await showHistory(request);
  expect(events.map(({ type }) => type)).toEqual([
    'registered',
    'deployed',
    'promoted',
    'registered',
    'deployed',
    'promoted',
    'rolled-back',
  ]);
  const table = printed.slice(printed.findIndex((line) => line.startsWith('when')));
  expect(table[6]).toMatch(/deployed +staging +2 +ann +fresher data +all files whole$/);
  expect(table[7]).toMatch(/promoted from staging +production +2 +bob +all files whole$/);
  expect(table[8]).toMatch(/rolled back +production +1 +ann +complaints +all files whole$/);
  expect(table.slice(-2).map((line) => line.replace(/, since.*/, ''))).toEqual([
    'staging serves version 2',
    'production serves version 1',
  ]);
});

describe('the commit that a version was registered at', () => {
  it('is kept beside the one that it was trained at, which may be another', async () => {
    const b = bench();
    mkdirSync(b.request.project.folder, { recursive: true });
    const { git, commit } = gitRepository(b.request.project.folder);
    const trained = commit('trained');
    b.train('one');
    const run = {
      version: 1,
      model: '@acme/late',
      startedAt: '',
      finishedAt: 'then',
      duration: 1,
      host: 'h',
    };
    writeFileSync(
      b.file('model', 'run.json'),
      JSON.stringify({ ...run, commit: trained, node: 'v20', params: {}, seed: 1, finalMetrics: {} }),
    );
    const registered = commit('registered');
    expect(git('rev-parse', 'HEAD')).toBe(registered);
    await deployModel(b.request);
    const { provenance } = await b.request.registry.readVersion('acme-late', 1);
    expect(provenance).toMatchObject({ commit: trained, registeredCommit: registered, trainedAt: 'then' });
  });

  it('is absent where there is no git', async () => {
    const b = bench();
    b.train('one');
    await deployModel(b.request);
    const { provenance } = await b.request.registry.readVersion('acme-late', 1);
    expect(provenance).not.toHaveProperty('registeredCommit');
  });
});

describe('a version that was rolled back', () => {
  async function rolledBack(): Promise<Bench> {
    const b = bench();
    b.train('one');
    await deployModel(b.request);
    b.train('two');
    await deployModel(b.request);
    await rollbackModel({ ...b.request, reason: 'too slow' });
    return b;
  }

  it('does not come back by itself, and the refusal names the way out', async () => {
    const b = await rolledBack();
    const error = await failureOf(deployModel(b.request));
    expect(error.code).toBe('MLOPS_DIGEST_BLOCKED');
    expect(error.message).toMatch(
      /version 2 was rolled back in staging on .* by ann \(too slow\)[^]*--release=/,
    );
    expect((await failureOf(deployModel({ ...b.request, dryRun: true }))).code).toBe('MLOPS_DIGEST_BLOCKED');
    expect(await serving(b)).toEqual({ staging: 1 });
  });

  it('comes back when it is released, with the reason in the history', async () => {
    const b = await rolledBack();
    await deployModel({ ...b.request, release: 'it was the network' });
    expect(await serving(b)).toEqual({ staging: 2 });
    const events = await b.request.registry.events('acme-late');
    expect(events.find(({ type }) => type === 'released')?.reason).toBe('it was the network');
  });

  it('may be passed over by deploying an earlier one by its number', async () => {
    const b = await rolledBack();
    b.train('three');
    await deployModel(b.request);
    await deployModel({ ...b.request, modelVersion: 1 });
    expect(await serving(b)).toEqual({ staging: 1 });
    expect((await failureOf(deployModel({ ...b.request, modelVersion: 9 }))).code).toBe(
      'MLOPS_UNKNOWN_VERSION',
    );
  });
});

describe('deploy refuses', () => {
  it.each([
    [
      'nothing trained',
      (b: Bench) => rmSync(b.file('model', 'model.manifest.json')),
      'MLOPS_MANIFEST_MISSING',
      /nx run @acme\/late:train/,
    ],
    [
      'a model file that is another',
      (b: Bench) => writeFileSync(b.file('model', 'model.onnx'), 'onE'),
      'MLOPS_MODEL_CORRUPT',
      /train --skip-nx-cache/,
    ],
    [
      'a model file that is missing',
      (b: Bench) => rmSync(b.file('model', 'model.onnx')),
      'MLOPS_MODEL_CORRUPT',
      /\(missing, the manifest says 3 bytes\)/,
    ],
    [
      'nothing evaluated',
      (b: Bench) => rmSync(b.file('evaluation', 'evaluation.json')),
      'MLOPS_MANIFEST_MISSING',
      /nx run @acme\/late:evaluate/,
    ],
    [
      'nothing judged',
      (b: Bench) => rmSync(b.file('gate', 'gate.json')),
      'MLOPS_MANIFEST_MISSING',
      /nx run @acme\/late:gate/,
    ],
    [
      'gates that failed',
      (b: Bench) => b.train('one', { passed: false }),
      'MLOPS_GATE_NOT_PASSED',
      /mae <= 3\. See ml\/late\/\.mlops\/gate\/report\.md/,
    ],
  ] as const)('%s', async (_what, spoil, code, message) => {
    const b = bench();
    b.train('one');
    spoil(b);
    const error = await failureOf(deployModel(b.request));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(await serving(b)).toEqual({});
    expect(await b.request.registry.events('acme-late')).toEqual([]);
  });

  it.each([
    ['an evaluation of another model', 'evaluation', 'evaluation.json', 'MLOPS_EVALUATION_OUTDATED'],
    ['verdicts on another model', 'gate', 'gate.json', 'MLOPS_GATE_OUTDATED'],
  ] as const)('%s', async (_what, folder, name, code) => {
    const [b, other] = [bench(), bench()];
    b.train('one');
    other.train('two');
    writeFileSync(b.file(folder, name), readFileSync(other.file(folder, name)));
    expect((await failureOf(deployModel(b.request))).code).toBe(code);
  });

  it('verdicts on another evaluation of the same model', async () => {
    const b = bench();
    b.train('one');
    const path = b.file('gate', 'gate.json');
    const report = JSON.parse(readFileSync(path, 'utf8')) as GateReport;
    writeFileSync(path, canonicalJson({ ...report, evaluationSha256: 'c'.repeat(64) }));
    expect((await failureOf(deployModel(b.request))).code).toBe('MLOPS_GATE_OUTDATED');
  });
});

it('a dry run says what would be and changes nothing', async () => {
  const { request, printed, train } = bench();
  train('one');
  const dry = { ...request, dryRun: true };
  await deployModel(dry);
  expect(printed).toEqual([
    'Dry run: nothing is changed.',
    expect.stringMatching(/^Would register @acme\/late version 1 \([0-9a-f]{12}\)$/),
    'Would make staging serve @acme/late version 1 (now: nothing)',
  ]);
  await deployModel(request);
  train('two');
  await deployModel(request);
  const events = await request.registry.events('acme-late');
  await deployModel(dry);
  await promoteModel(dry);
  await rollbackModel(dry);
  expect(printed.slice(-2)).toEqual([
    'Dry run: nothing is changed.',
    expect.stringMatching(
      /^Would roll staging back from version 2 .* to version 1 .*, and block version 2 there$/,
    ),
  ]);
  expect(printed.join('\n')).toContain(
    'Would make production serve @acme/late version 2, as staging does (now: nothing)',
  );
  expect(await request.registry.events('acme-late')).toEqual(events);
});

describe('history', () => {
  it('tells what served at a moment', async () => {
    const { request, printed, train } = bench();
    train('one');
    await deployModel(request);
    const between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    train('two');
    await deployModel(request);
    const events = await showHistory({ ...request, at: between });
    expect(events).toHaveLength(2);
    expect(printed.at(-1)).toMatch(/^staging served at .* version 1, since /);
  });

  it.each([
    ['a day means its end', '2999-12-31', 2],
    ['a time without a zone is UTC', '2999-12-31 12:30', 2],
    ['a day long ago', '1999-12-31', 0],
  ])('%s', async (_what, at, count) => {
    const { request, train } = bench();
    train('one');
    await deployModel(request);
    expect(await showHistory({ ...request, at })).toHaveLength(count);
  });

  it('refuses what is no time', async () => {
    expect((await failureOf(showHistory({ ...bench().request, at: 'yesterday' }))).code).toBe('MLOPS_TIME');
  });

  it('prints JSON that can be read back', async () => {
    const { request, printed, train } = bench();
    train('one');
    await deployModel(request);
    printed.length = 0;
    const events = await showHistory({ ...request, json: true, environment: 'production' });
    expect(JSON.parse(printed.join('\n'))).toEqual(events);
    expect(events.map(({ type }) => type)).toEqual(['registered']);
  });

  it('of a model without one says how to begin', async () => {
    const { request, printed } = bench();
    await showHistory(request);
    expect(printed.join()).toMatch(/@acme\/late has no history[^]*nx run @acme\/late:deploy/);
  });
});

describe('a signing key in the environment', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const env = { MLOPS_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };

  it('signs a version when it is registered', async () => {
    const b = bench();
    b.train('one');
    await deployModel({ ...b.request, env });
    expect(b.printed.join('\n')).toMatch(/Registered @acme\/late version 1 \(.*, 10 files, signed\)/);
    const { files } = await b.request.registry.readVersion('acme-late', 1);
    expect(Object.keys(files)).toContain('model.sig');
  });

  it('does not sign what is registered already', async () => {
    const b = bench();
    b.train('one');
    await deployModel({ ...b.request, env: {} });
    await deployModel({ ...b.request, env });
    const { files } = await b.request.registry.readVersion('acme-late', 1);
    expect(Object.keys(files)).not.toContain('model.sig');
    expect(b.printed.join('\n')).not.toMatch(/, signed/);
  });
});
