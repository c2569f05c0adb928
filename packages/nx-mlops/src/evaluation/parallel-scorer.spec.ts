/** @jest-environment ./../runtime/jest-environment.cjs */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError, readManifest, modelManifestSchema, type Column } from '@nx-mlops/core';
import { loadCodedModel, loadModel, type LoadedModel, type TextDictionaries } from '@nx-mlops/runtime';
import type { CodedBatch } from '../data/split-file';
import { evaluationBench } from './evaluation-bench.fixture';
import { ParallelScorer, byCodes, helpersFor, type ParallelScorerOptions } from './parallel-scorer';
import { predictSplit, type Scorer } from './predict-split';
import { evaluationColumns } from './split-columns';

jest.mock('node:child_process', () => {
  const actual = jest.requireActual('node:child_process');
  return { ...actual, fork: jest.fn(actual.fork) };
});

jest.setTimeout(60_000);

const columns: Column[] = [
  { name: 'amount', type: 'number' },
  { name: 'origin', type: 'string' },
  { name: 'target', type: 'string' },
];

/** 40,000 rows: batches enough for all, each with other values; the last one is shorter. */
const rows = `SELECT sin(range) * 3 AS amount, ['JFK', 'LAX', 'Zürich', NULL][1 + range % 4] AS origin,
  CASE WHEN range % 3 = 0 THEN 'yes' ELSE 'no' END AS target FROM range(40000)`;

describe('predicting in several processes', () => {
  let model: LoadedModel;
  let modelFile: string;
  let predictSplitBy: (scorer: Scorer, signal?: AbortSignal) => ReturnType<typeof predictSplit>;
  const scorers: ParallelScorer[] = [];
  const open = (here: LoadedModel, helpers: number, options: Partial<ParallelScorerOptions> = {}) => {
    const scorer = new ParallelScorer({ model: here, modelFile, helpers, ...options });
    scorers.push(scorer);
    return scorer;
  };
  const loadCoded = (dictionaries: TextDictionaries) =>
    loadCodedModel({ file: modelFile, manifest: model.manifest, dictionaries });
  const processes = () => jest.mocked(fork).mock.results.map(({ value }) => value as ChildProcess);
  /** Answers nothing, so that all answers are those of other processes. */
  const idleHere = (): LoadedModel => ({ ...model, manifest: model.manifest, predict: () => never() });
  const never = () => new Promise<never>(() => undefined);
  const batch = (amounts: number[], origins: string[]): CodedBatch => ({
    rows: amounts.length,
    columns: { amount: Float64Array.from(amounts), origin: origins },
    texts: {},
    codes: [],
  });
  /** When all others can answer. The first batch tells which model that is, and goes here. */
  const ready = async (scorer: ParallelScorer, first = batch([1], ['JFK'])) => {
    const loaded = processes().map((child) => once(child, 'message'));
    scorer.predict(first).catch(() => undefined);
    await Promise.all(loaded);
  };

  beforeAll(async () => {
    const { folder, request } = await evaluationBench('binary', rows, columns);
    modelFile = join(folder, '.mlops/model/model.onnx');
    const manifest = await readManifest(
      join(folder, '.mlops/model/model.manifest.json'),
      modelManifestSchema,
      'train',
    );
    model = await loadModel({ file: modelFile, manifest });
    const read = evaluationColumns(request.project, request.config, manifest, request.test);
    predictSplitBy = (scorer, signal = new AbortController().signal) =>
      predictSplit(scorer, request.test, read, { threshold: 0.5, signal });
  });
  beforeEach(() => jest.mocked(fork).mockClear());
  afterEach(async () => {
    await Promise.all(scorers.splice(0).map((scorer) => scorer.close()));
  });
  afterAll(() => model.release());

  it('gives the very scores of one process, in the order of the rows', async () => {
    const scorer = open(model, 2);
    await ready(scorer);
    const alone = await predictSplitBy(model);
    expect(await predictSplitBy(scorer)).toEqual(alone);
    expect(new Set(alone.sample.scores).size).toBeGreaterThan(1000);
  });

  it('gives the very scores of one process where text comes by codes', async () => {
    const alone = await predictSplitBy(model);
    for (const helpers of [0, 2]) {
      const coded = jest.fn(loadCoded);
      expect(await predictSplitBy(open(idleHere(), helpers, { loadCoded: coded }))).toEqual(alone);
      expect(coded.mock.calls).toEqual([[{ origin: expect.arrayContaining(['Zürich', null]) as unknown }]]);
    }
  });

  it('lets other processes answer, of text as it is and of text by codes', async () => {
    const scorer = open(idleHere(), 1);
    await ready(scorer);
    const plain = batch([1, 2], ['JFK', 'elsewhere']);
    const expected = await model.predict(plain);
    expect([...(await scorer.predict(plain))]).toEqual([...expected]);

    const values = ['elsewhere', 'JFK', null];
    const coded = (codes: number[]): CodedBatch => ({
      rows: codes.length,
      columns: { amount: Float64Array.of(1, 2) },
      texts: { origin: { codes: Uint8Array.from(codes), values } },
      codes: [],
    });
    const idleCoded = async () => ({ predict: () => never(), release: async () => undefined });
    jest.mocked(fork).mockClear();
    const byCode = open(idleHere(), 1, { loadCoded: idleCoded });
    await ready(byCode, coded([0, 0]));
    expect([...(await byCode.predict(coded([1, 0])))]).toEqual([...expected]);
    expect([...(await byCode.predict(coded([2, 2])))]).toEqual([
      ...(await model.predict({ ...plain, columns: { ...plain.columns, origin: [null, null] } })),
    ]);
  });

  it('predicts text as it is where ONNX Runtime does not take the model by codes', async () => {
    const refused = () => Promise.reject(new Error('no'));
    for (const helpers of [0, 1]) {
      const scorer = open(model, helpers, { loadCoded: refused });
      expect(await predictSplitBy(scorer)).toEqual(await predictSplitBy(model));
    }
  });

  it('predicts here while no other process is ready', async () => {
    const scorer = open(model, 1);
    const rowsHere = batch([1], ['JFK']);
    expect([...(await scorer.predict(rowsHere))]).toEqual([...(await model.predict(rowsHere))]);
  });

  it('passes on what another process says of a batch', async () => {
    const scorer = open(idleHere(), 1);
    await ready(scorer);
    const lacking = { ...batch([1], ['JFK']), columns: { amount: Float64Array.of(1) } };
    await expect(scorer.predict(lacking)).rejects.toMatchObject({
      name: 'MlopsError',
      code: 'MLOPS_BATCH_COLUMN',
      message: expect.stringContaining('the batch has no column "origin"') as string,
    });
    expect(await scorer.predict(batch([1], ['JFK']))).toHaveLength(1);
  });

  it('fails when a process ends by itself, with what it was at and what comes after', async () => {
    const scorer = open(idleHere(), 1);
    await ready(scorer);
    const [child] = processes() as [ChildProcess];
    child.kill('SIGSTOP');
    const underWay = scorer.predict(batch([1], ['JFK']));
    child.kill('SIGKILL');
    const failure = {
      code: 'MLOPS_PREDICTION_FAILED',
      message: expect.stringContaining('ended by itself (SIGKILL)') as string,
    };
    await expect(underWay).rejects.toMatchObject(failure);
    await expect(scorer.predict(batch([1], ['JFK']))).rejects.toMatchObject(failure);
  });

  it('fails when a process finds another model in the file', async () => {
    const { folder } = await evaluationBench('binary', rows, columns);
    const replaced = join(folder, '.mlops/model/model.onnx');
    appendFileSync(replaced, 'x');
    const scorer = open(idleHere(), 1, { modelFile: replaced });
    await ready(scorer);
    await expect(scorer.predict(batch([1], ['JFK']))).rejects.toMatchObject({ code: 'MLOPS_MODEL_CORRUPT' });
  });

  it('ends with the reason of the signal, and leaves no process behind', async () => {
    const scorer = open(model, 2);
    await ready(scorer);
    const abort = new AbortController();
    const stopped = new MlopsError('MLOPS_INTERRUPTED', 'Stopped by SIGINT.');
    const predicted = predictSplitBy(
      {
        manifest: scorer.manifest,
        ahead: scorer.ahead,
        predict(each) {
          abort.abort(stopped);
          return scorer.predict(each);
        },
      },
      abort.signal,
    );
    await expect(predicted).rejects.toBe(stopped);
    await scorer.close();
    for (const { exitCode, signalCode } of processes())
      expect([exitCode, signalCode]).toEqual([null, 'SIGKILL']);
  });

  it('closes before a process is ready, too', async () => {
    await open(model, 2).close();
    for (const { signalCode } of processes()) expect(signalCode).toBe('SIGKILL');
  });
});

it.each([
  { rows: 3_000_000, modelSize: 20_000, helpers: 3, coded: true },
  { rows: 99_999, modelSize: 20_000, helpers: 0, coded: false },
  { rows: 3_000_000, modelSize: 100 * 2 ** 20, helpers: 0, coded: true },
  { rows: 3_000_000, modelSize: 100 * 2 ** 20, helpers: 1, coded: false },
])('predicts text by codes: %j', ({ helpers, coded, ...of }) => {
  expect(byCodes(of, helpers)).toBe(coded);
});

it.each([
  { rows: 3_000_000, modelSize: 20_000, cores: 1, helpers: 0 },
  { rows: 3_000_000, modelSize: 20_000, cores: 2, helpers: 1 },
  { rows: 3_000_000, modelSize: 20_000, cores: 64, helpers: 3 },
  { rows: 3_000_000, modelSize: 100 * 2 ** 20, cores: 64, helpers: 1 },
  { rows: 3_000_000, modelSize: 500 * 2 ** 20, cores: 64, helpers: 0 },
  { rows: 99_999, modelSize: 20_000, cores: 64, helpers: 0 },
])(
  'predicts $rows rows on $cores cores with a model of $modelSize bytes by $helpers more processes',
  ({ helpers, cores, ...of }) => {
    expect(helpersFor(of, cores)).toBe(helpers);
  },
);
