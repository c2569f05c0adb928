/** @jest-environment ./../runtime/jest-environment.cjs */
import { readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  gateReportSchema,
  readManifest,
  type Column,
  type Evaluation,
  type GateReport,
} from '@nx-mlops/core';
import { gateBench, plus1, plus2, type BenchModel, type GateBench } from './gate-bench.fixture';

// Real models, files and registries, on machines that may be busy.
jest.setTimeout(60_000);

const columns: Column[] = [
  { name: 'x', type: 'number' },
  { name: 'target', type: 'number' },
];
/** The target is x + 1 but for noise, so x + 1 is the better model. */
const rows = (count: number, salt = 1) =>
  `SELECT i / 10.0::DOUBLE AS x, x + 1 + sin(i * 12.9898 * ${salt}) AS target FROM range(${count}) AS r(i)`;
const versus = { metric: 'mae', versus: 'production' };

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

/** `plus1` serves in production, measured on the split that is returned. */
async function released(model: BenchModel = plus1, evaluation: object = {}) {
  const bench = gateBench();
  const test = await bench.split(rows(200), columns);
  await bench.evaluate(model, test, { evaluation });
  await bench.deploy();
  return { bench, test };
}

const writtenBy = ({ file }: GateBench): Promise<GateReport> =>
  readManifest(file('gate', 'gate.json'), gateReportSchema, 'gate');

describe('the gates of a model', () => {
  it('without any pass, and write the reports', async () => {
    const bench = gateBench();
    await bench.evaluate(plus1, await bench.split(rows(100), columns));
    const never = () => Promise.reject(new Error('the registry is not needed'));
    const report = await bench.gate([], { openRegistry: never });
    expect(report).toMatchObject({ passed: true, verdict: 'pass', gates: [], baselines: [] });
    expect(await writtenBy(bench)).toEqual(report);
    expect(readdirSync(bench.file('gate'))).toEqual(
      expect.arrayContaining(['gate.json', 'report.md', 'junit.xml']),
    );
    expect(bench.printed[0]).toMatch(
      /^late has no gates, so every model passes\. Add evaluation\.gates to ml\/late\//,
    );
  });

  it('write and tell of a failure too', async () => {
    const bench = gateBench();
    await bench.evaluate(plus2, await bench.split(rows(100), columns));
    const report = await bench.gate([
      { metric: 'mae', max: 0.5 },
      { metric: 'mae', min: 0.1 },
    ]);
    expect(report).toMatchObject({ passed: false, verdict: 'fail' });
    expect(await writtenBy(bench)).toEqual(report);
    const text = bench.printed.join('\n');
    expect(text).toMatch(/^verdict +gate +value \(95 % interval\) +against\n-+/);
    expect(text).toMatch(/\nfailed +mae <= 0\.5 +\d[^\n]* \(.* to .*\) +<= 0\.5\npassed +mae >= 0\.1 /);
    expect(text).toMatch(
      /\nlate: gates failed\. Of 2 gates, 1 failed, 1 passed\.\nFailed: mae <= 0\.5\. MAE is /,
    );
    expect(text).toMatch(/\nReport: ml\/late\/\.mlops\/gate\/report\.md$/);
  });

  it('fail on a metric that is missing', async () => {
    const bench = gateBench();
    await bench.evaluate(plus1, await bench.split(rows(100), columns), {
      evaluation: { metrics: ['mae', 'wape'] },
    });
    const report = await bench.gate([{ metric: 'wape', max: 1 }]);
    expect(report).toMatchObject({ passed: false, gates: [{ verdict: 'fail', value: null }] });
  });

  it.each([
    [
      'nothing evaluated',
      (b: GateBench) => rmSync(b.file('evaluation', 'evaluation.json')),
      'MLOPS_MANIFEST_MISSING',
    ],
    [
      'nothing trained',
      (b: GateBench) => rmSync(b.file('model', 'model.manifest.json')),
      'MLOPS_MANIFEST_MISSING',
    ],
    [
      'an evaluation of another model',
      (b: GateBench) => {
        const file = b.file('evaluation', 'evaluation.json');
        const evaluation = JSON.parse(readFileSync(file, 'utf8')) as Evaluation;
        writeFileSync(file, canonicalJson({ ...evaluation, modelSha256: 'f'.repeat(64) }));
      },
      'MLOPS_EVALUATION_OUTDATED',
    ],
    [
      'predictions that are damaged',
      (b: GateBench) => truncateSync(b.file('evaluation', 'predictions', 'scores.npy'), 100),
      'MLOPS_PREDICTIONS_CORRUPT',
    ],
  ])('refuse %s', async (_what, spoil, code) => {
    const bench = gateBench();
    await bench.evaluate(plus1, await bench.split(rows(100), columns));
    spoil(bench);
    expect((await failureOf(bench.gate([versus]))).code).toBe(code);
  });

  it('refuse a baseline that is no environment, naming the nearest', async () => {
    const bench = gateBench();
    await bench.evaluate(plus1, await bench.split(rows(100), columns));
    const error = await failureOf(bench.gate([{ metric: 'mae', versus: 'prod' }]));
    expect(error.code).toBe('MLOPS_UNKNOWN_BASELINE');
  });
});

describe('versus what an environment serves', () => {
  it('is skipped while it serves nothing', async () => {
    const bench = gateBench();
    await bench.evaluate(plus1, await bench.split(rows(100), columns));
    const report = await bench.gate([versus, { metric: 'mae', versus: 'last-release' }]);
    expect(report).toMatchObject({
      passed: true,
      gates: [{ verdict: 'skipped' }, { verdict: 'skipped' }],
      baselines: [
        { name: 'production', because: 'production serves no version of this model yet.' },
        { name: 'last-release', because: expect.stringMatching(/^Nothing is released yet/) as string },
      ],
    });
    expect(bench.printed.join('\n')).toMatch(
      /\nSkipped: mae versus production\. production serves no version/,
    );
  });

  it('on the same split compares the stored predictions, without the data', async () => {
    const { bench, test } = await released();
    await bench.evaluate(plus2, test);
    const report = await bench.gate([versus, { ...versus, versus: 'last-release', margin: 5 }]);
    expect(report).toMatchObject({
      passed: false,
      gates: [
        { verdict: 'fail', versus: { modelVersion: 1, comparison: { verdict: 'worse', rows: 200 } } },
        { verdict: 'pass', versus: { modelVersion: 1, comparison: { margin: 5 } } },
      ],
      baselines: [
        { name: 'production', modelVersion: 1, rescored: false },
        { name: 'last-release', modelVersion: 1, rescored: false },
      ],
    });
    expect(report.baselines[1]?.because).toMatch(/The same version as production\.$/);
    expect(Object.keys(report.baselines[0]?.metrics ?? {})).toEqual(
      Object.keys(report.baselines[0]?.intervals ?? {}),
    );
    expect(bench.opened()).toBe(0);
  });

  it('of the very same model has no difference', async () => {
    const { bench, test } = await released();
    await bench.evaluate(plus1, test);
    const report = await bench.gate([versus]);
    expect(report).toMatchObject({ passed: true, gates: [{ versus: { comparison: { difference: 0 } } }] });
    expect(report.baselines[0]?.because).toMatch(/This is the very same model\.$/);
  });

  it('measured on another split is scored on this one, once', async () => {
    const { bench } = await released();
    const other = await bench.split(rows(300, 2), columns);
    await bench.evaluate(plus2, other);
    const report = await bench.gate([versus]);
    expect(report).toMatchObject({
      gates: [{ verdict: 'fail', versus: { comparison: { verdict: 'worse', rows: 300 } } }],
      baselines: [
        { rescored: true, because: expect.stringMatching(/Scored again on this test split/) as string },
      ],
    });
    // x + 1 on the new rows: the mean of |sin|.
    const salted = Array.from({ length: 300 }, (_, i) => Math.abs(Math.sin(i * 12.9898 * 2)));
    const mean = salted.reduce((sum, value) => sum + value, 0) / 300;
    expect(report.gates[0]?.versus?.value).toBeCloseTo(mean, 4);
    expect(bench.opened()).toBe(1);
    expect(bench.printed.join('\n')).toMatch(/Scoring version 1 on d:test, which it was not measured on/);

    expect(await bench.gate([versus])).toEqual(report);
    expect(bench.opened()).toBe(1);
    const kept = () => readdirSync(join(bench.project.workspaceRoot, '.mlops/champion-scores/late'));
    const [sidecar = '', scores = ''] = kept();
    truncateSync(join(bench.project.workspaceRoot, '.mlops/champion-scores/late', scores), 10);
    expect(await bench.gate([versus])).toEqual(report);
    expect(bench.opened()).toBe(2);
    expect(kept()).toEqual([sidecar, scores]);

    await bench.evaluate(plus2, await bench.split(rows(200, 3), columns));
    await bench.gate([versus]);
    expect(kept()).toHaveLength(2);
    expect(kept()).not.toContain(scores);
  });

  it('registered by an older plugin is scored again, with its own threshold', async () => {
    const bench = gateBench();
    const binary: BenchModel = {
      file: 'columns-binary-n.onnx',
      task: 'binary-classification',
      features: [
        { name: 'amount', type: 'number' },
        { name: 'origin', type: 'string' },
      ],
      classes: ['no', 'yes'],
    };
    const test = await bench.split(
      `SELECT sin(i * 1.3)::DOUBLE AS amount, 'JFK' AS origin, CASE WHEN sin(i * 1.3) + cos(i) > 0 THEN 'yes' ELSE 'no' END AS target FROM range(400) AS r(i)`,
      [...binary.features, { name: 'target', type: 'string' }],
    );
    const evaluation = await bench.evaluate(binary, test, { threshold: 0.9 });
    await bench.gate([]);
    const former = bench.file('former.json');
    writeFileSync(
      former,
      JSON.stringify({ version: 1, model: 'late', threshold: 0.9, metrics: {}, charts: [] }),
    );
    const { version } = await bench.registry.registerVersion({
      model: 'late',
      files: { 'model.onnx': bench.file('model', 'model.onnx'), 'evaluation.json': former },
      manifest: JSON.parse(readFileSync(bench.file('model', 'model.manifest.json'), 'utf8')) as never,
      metrics: {},
      gates: await writtenBy(bench),
      provenance: {},
      actor: 'ann',
    });
    await bench.registry.deploy({
      model: 'late',
      environment: 'production',
      version: version.version,
      actor: 'ann',
    });

    await bench.evaluate({ ...binary, file: 'columns-binary-n1.onnx' }, test);
    const report = await bench.gate([{ metric: 'accuracy', versus: 'production' }]);
    expect(report.baselines[0]).toMatchObject({ modelVersion: 1, rescored: true });
    expect(report.gates[0]?.versus?.value).toBeCloseTo(evaluation.metrics['accuracy'] ?? NaN, 6);
    expect(report.gates[0]?.value).not.toBeCloseTo(evaluation.metrics['accuracy'] ?? NaN, 2);
  });

  it('of the same file with another threshold compares the thresholds, without scoring', async () => {
    const bench = gateBench();
    const binary: BenchModel = {
      file: 'columns-binary-n.onnx',
      task: 'binary-classification',
      features: [
        { name: 'amount', type: 'number' },
        { name: 'origin', type: 'string' },
      ],
      classes: ['no', 'yes'],
    };
    const splitOf = (count: number) =>
      bench.split(
        `SELECT sin(i * 1.3)::DOUBLE AS amount, 'XXX' AS origin, CASE WHEN sin(i * 1.3) >= 0 THEN 'yes' ELSE 'no' END AS target FROM range(${count}) AS r(i)`,
        [...binary.features, { name: 'target', type: 'string' }],
      );
    await bench.evaluate(binary, await splitOf(400), { threshold: 0.5 });
    await bench.deploy();
    expect((await bench.registry.readVersion('late', 1)).threshold).toBe(0.5);
    await bench.evaluate(binary, await splitOf(300), { threshold: 0.7 });
    const report = await bench.gate([{ metric: 'accuracy', versus: 'production' }]);
    expect(report).toMatchObject({
      gates: [{ verdict: 'fail', versus: { value: 1 } }],
      baselines: [{ rescored: false }],
    });
    expect(bench.opened()).toBe(0);
  });

  it.each([
    ['another target', { ...plus2, target: 'goal' }, /version 1 predicts "target", this model "goal"\./],
    [
      'features that the split lacks',
      {
        ...plus2,
        file: 'matrix-regression.onnx',
        features: ['first', 'second'].map((name) => ({ name, type: 'number' as const })),
      },
      /version 1 cannot be scored on this test split: .*no column "x"/,
    ],
  ])('that has %s is undecided, with the reason', async (_what, model, reason) => {
    const { bench } = await released();
    const names = ['first', 'second', 'goal', 'target', 'x'].filter(
      (name) => name !== 'x' || model.target === 'goal',
    );
    const other = await bench.split(
      `SELECT ${names.map((name) => `i::DOUBLE AS ${name}`).join(', ')} FROM range(100) AS r(i)`,
      names.map((name) => ({ name, type: 'number' })),
    );
    await bench.evaluate(model, other);
    const report = await bench.gate([{ ...versus, inconclusive: 'block' }]);
    expect(report).toMatchObject({ passed: false, gates: [{ verdict: 'inconclusive', effect: 'block' }] });
    expect(report.gates[0]?.because).toMatch(reason);
    expect(report.baselines[0]?.because).toMatch(/Not scored: /);
  });

  it('was measured by a script elsewhere, so scoring it here would not be alike', async () => {
    const { bench } = await released();
    await bench.evaluate(plus2, await bench.split(rows(300, 2), columns), {
      evaluation: { entry: 'evaluate.js' },
    });
    const report = await bench.gate([versus]);
    expect(report.gates[0]).toMatchObject({ verdict: 'inconclusive' });
    expect(report.gates[0]?.because).toMatch(/this model by a script/);
    expect(bench.opened()).toBe(0);
  });

  it('with stored predictions that were tampered with is an error that names them', async () => {
    const { bench, test } = await released();
    const version = await bench.registry.readVersion('late', 1);
    const path = await bench.registry.fetchFile(version, 'predictions-scores.npy');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
    await bench.evaluate(plus2, test);
    const error = await failureOf(bench.gate([versus]));
    expect(error.code).toBe('MLOPS_REGISTRY_BLOB_CORRUPT');
    expect(error.message).toContain(version.files['predictions-scores.npy']?.sha256);
  });

  it('keeps all that a later comparison needs in the version', async () => {
    const { bench } = await released();
    const { files } = await bench.registry.readVersion('late', 1);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'evaluation.json',
        'gate.json',
        'predictions-scores.npy',
        'predictions-truth.npy',
        'report.md',
        'junit.xml',
      ]),
    );
    expect(
      statSync(await bench.registry.fetchFile(await bench.registry.readVersion('late', 1), 'junit.xml')).size,
    ).toBeGreaterThan(0);
  });
});
