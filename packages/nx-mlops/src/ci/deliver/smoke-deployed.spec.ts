/** @jest-environment ./../runtime/jest-environment.cjs */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  canonicalJson,
  mlopsConfigSchema,
  openRegistry,
  sha256OfBytes,
  type Column,
  type GateReport,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { loadModel, type Tensor } from '@nx-mlops/runtime';
import { evaluateModel } from '../../evaluation/evaluate';
import { evaluationBench } from '../../evaluation/evaluation-bench.fixture';
import { environmentConfig } from '../../rollout/environments';
import { openTools } from '../../rollout/open-tools';
import { readCandidate } from '../../rollout/read-candidate';
import { smokeDeployed, type SmokeRequest } from './smoke-deployed';

const column = (name: string, type: Column['type']): Column => ({ name, type });
const kinds = {
  binary: {
    rows: `SELECT * FROM (VALUES (0.0, 'XXX', 'no'), (0.5, 'JFK', 'yes'), (0.25, NULL, 'no'), (-1.5, 'LAX', 'yes')) AS t(amount, origin, target)`,
    columns: [column('amount', 'number'), column('origin', 'string'), column('target', 'string')],
  },
  regression: {
    rows: 'SELECT i::DOUBLE AS first, i * 1e6 AS second, 3.0 * i AS target FROM range(40) AS t(i)',
    columns: [column('first', 'number'), column('second', 'number'), column('target', 'number')],
  },
  multiclass: {
    rows: `SELECT i / 10.0 AS first, -i / 20.0 AS second, ['a', 'b', 'c'][1 + i % 3] AS target FROM range(30) AS t(i)`,
    columns: [column('first', 'number'), column('second', 'number'), column('target', 'string')],
  },
};

/** A version registered by the code that does so in life; staging serves it. */
async function bench(kind: keyof typeof kinds, { golden = true } = {}) {
  const { rows, columns } = kinds[kind];
  const { folder, request } = await evaluationBench(kind, rows, columns);
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
  const registry = openRegistry('file:.mlops/the registry', workspaceRoot);
  const { files, manifest } = await readCandidate(request.project);
  const { version } = await registry.registerVersion({
    model: 'late',
    files: Object.fromEntries(Object.entries(files).filter(([name]) => golden || name !== 'golden.json')),
    ...{ manifest, metrics: evaluation.metrics, gates, provenance: {}, actor: 'ada' },
    ...(evaluation.threshold === undefined ? {} : { threshold: evaluation.threshold }),
  });
  await registry.deploy({ model: 'late', environment: 'staging', version: 1, actor: 'ada' });
  const printed: string[] = [];
  const smoke = (url?: string, changes: Partial<SmokeRequest> = {}) => {
    const target = url === undefined ? 'local' : { type: 'local', url };
    const mlops = mlopsConfigSchema.parse({ environments: [{ name: 'staging', target }] });
    return smokeDeployed({
      registry,
      environment: environmentConfig(mlops, 'staging'),
      verify: openTools({ registry, mlops, workspaceRoot }).verify,
      models: [{ project: '@acme/late', model: 'late', version: 1, digest: version.digest }],
      timeout: 10,
      signal: new AbortController().signal,
      print: (line) => printed.push(line),
      ...changes,
    });
  };
  return { registry, version, printed, smoke };
}

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

interface RequestTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data: (number | string | null)[];
}

/** What the protocol asks of a server for one version, as a stranger would build it. */
async function serve(
  registry: Registry,
  version: VersionRecord,
  { bias = 0, refusals = 0 }: { readonly bias?: number; readonly refusals?: number } = {},
) {
  const file = await registry.fetchFile(version, 'model.onnx');
  const model = await loadModel({ file, manifest: version.manifest });
  const asked: string[] = [];
  let refusing = refusals;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        refusing -= 1;
        response.writeHead(refusing >= 0 ? 404 : 200).end('{}');
        return;
      }
      const { inputs, outputs } = JSON.parse(String(Buffer.concat(chunks))) as {
        inputs: RequestTensor[];
        outputs: { name: string }[];
      };
      const feeds = Object.fromEntries(
        inputs.map(({ name, datatype, shape, data }): [string, Tensor] => [
          name,
          datatype === 'BYTES'
            ? { type: 'string', dims: shape, data: data as string[] }
            : {
                type: 'float32',
                dims: shape,
                data: Float32Array.from(data, (each) => Number(each ?? Number.NaN)),
              },
        ]),
      );
      const names = outputs.map(({ name }) => name);
      void model.run(feeds, names).then((results) => {
        const answer = names.map((name) => {
          const { dims, data } = results[name] as Tensor;
          return {
            name,
            datatype: 'FP32',
            shape: dims,
            data: Array.from(data as Float32Array, (each) => each + bias),
          };
        });
        response.writeHead(200).end(JSON.stringify({ model_name: 'late', outputs: answer }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

it.each(['binary', 'regression', 'multiclass'] as const)(
  'a server that answers the golden rows of a %s model alike is sound',
  async (kind) => {
    const { registry, version, smoke, printed } = await bench(kind);
    const { url, asked } = await serve(registry, version, { refusals: 1 });
    expect(await smoke(url)).toEqual([]);
    expect(asked).toEqual([
      'GET /v2/models/late/versions/1/ready',
      'GET /v2/models/late/versions/1/ready',
      'POST /v2/models/late/versions/1/infer',
    ]);
    expect(printed).toEqual([
      expect.stringMatching(/^@acme\/late version 1: all \d+ files whole; .*golden rows? agree exactly$/),
      expect.stringMatching(/^@acme\/late version 1 at http:\S+: \d+ golden rows agree exactly$/),
    ]);
  },
);

it('one that answers otherwise is not', async () => {
  const { registry, version, smoke, printed } = await bench('binary');
  const { url } = await serve(registry, version, { bias: 0.25 });
  expect(await smoke(url)).toEqual(['@acme/late']);
  expect(printed[1]).toMatch(/golden row \d+ comes out as \S+ instead of \S+\. /);
  expect(printed.at(-1)).toBe('Not sound in staging: @acme/late.');
});

it('one that does not load the version in time is not', async () => {
  const { registry, version, smoke, printed } = await bench('regression');
  const { url } = await serve(registry, version, { refusals: 1000 });
  expect(await smoke(url, { timeout: 0 })).toEqual(['@acme/late']);
  expect(printed[1]).toMatch(/MLOPS_TARGET_FAILED .*has not loaded version 1 of "late" .*it answers 404/);
});

it('one that is not there is not', async () => {
  const { smoke, printed } = await bench('regression');
  expect(await smoke('http://127.0.0.1:1', { timeout: 0 })).toEqual(['@acme/late']);
  expect(printed[1]).toMatch(/127\.0\.0\.1:1 does not answer/);
});

it('without an address the version alone is tried', async () => {
  const { smoke, printed } = await bench('regression');
  expect(await smoke()).toEqual([]);
  expect(printed).toHaveLength(1);
});

it('a version without golden rows is loaded, and no more is asked', async () => {
  const { registry, version, smoke, printed } = await bench('regression', { golden: false });
  const { url, asked } = await serve(registry, version);
  expect(await smoke(url)).toEqual([]);
  expect(asked).toEqual(['GET /v2/models/late/versions/1/ready']);
  expect(printed[1]).toMatch(/loaded; it has no golden rows/);
});

it('a version that is not sound is not asked for', async () => {
  const { smoke, printed } = await bench('regression');
  const verify = () =>
    Promise.resolve({
      evidence: { kind: 'verification', verdict: 'fail', summary: 'not whole' } as const,
    });
  expect(await smoke('http://127.0.0.1:1', { verify })).toEqual(['@acme/late']);
  expect(printed).toEqual(['@acme/late version 1: not whole', 'Not sound in staging: @acme/late.']);
});

it('a version that the registry does not know by its digest fails', async () => {
  const { registry, smoke, printed } = await bench('regression');
  const digest = 'e'.repeat(64);
  expect(
    await smoke(undefined, { models: [{ project: 'late', model: 'late', version: 1, digest }] }),
  ).toEqual(['late']);
  expect(printed[0]).toBe(`late: ${registry.description} knows no version 1 with this digest.`);
});
