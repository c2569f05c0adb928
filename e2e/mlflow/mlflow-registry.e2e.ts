import { join } from 'node:path';
import { describeRegistryDriver } from '../../packages/core/src/registry/registry-driver-contract.fixture';
import { onMlflow } from '../../packages/core/src/registry/mlflow/on-mlflow.fixture';
import { openRegistry } from '../../packages/core/src/registry/open-registry';
import type { RegisterInput, Registry } from '../../packages/core/src/registry/registry';
import type { VersionRecord } from '../../packages/core/src/registry/version';
import { loadModel } from '../../packages/runtime/src/session/load-model';
import {
  fixtureFile,
  fixtureManifest,
  type FixtureName,
} from '../../packages/runtime/src/testing/load-fixture';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { pythonEnvironment } from '../python-environment';
import { startMlflowServer, type MlflowServer } from './mlflow-server';

const { python, describeWithPython, runPython } = pythonEnvironment(__dirname);

/** As load_aliases.py prints it. */
interface Seen {
  readonly aliases: Record<string, number>;
  readonly stages: string[];
  readonly loaded: Record<
    string,
    {
      readonly version: number;
      readonly files: string[];
      readonly sha256: string;
      readonly onnx: number[];
      readonly arrays: number[];
      readonly table: number[];
      readonly metrics: Record<string, number>;
    }
  >;
}

async function registrationOf(model: string, fixture: FixtureName, rmse: number): Promise<RegisterInput> {
  const manifest = { ...(await fixtureManifest(fixture)), model };
  return {
    model,
    files: { 'model.onnx': fixtureFile(fixture) },
    manifest,
    metrics: { rmse },
    gates: {
      version: 2,
      model,
      modelSha256: manifest.file.sha256,
      evaluationSha256: '0'.repeat(64),
      passed: true,
      verdict: 'pass',
      gates: [],
      baselines: [],
    },
    provenance: { commit: 'c0ffee' },
    actor: 'ada',
  };
}

/** The registry from source on a real tracking server: what every driver does, and what MLflow's own client sees. */
describeWithPython('a registry on an MLflow server', () => {
  let server: MlflowServer;
  beforeAll(async () => {
    server = await startMlflowServer(python, 'a server');
  });
  afterAll(() => server?.stop());

  describeRegistryDriver('MlflowRegistryDriver', () => onMlflow(server.address), { keepsSnapshots: false });

  describe("MLflow's own client loads what the registry says", () => {
    const model = 'taxi-tips';
    const change = { model, actor: 'ada' };
    let registry: Registry;
    beforeAll(async () => {
      registry = openRegistry(`mlflow:${server.address}`, join(repository, 'tmp/e2e/mlflow/a workspace'), {
        environments: ['staging', 'production'],
      });
      await registry.registerVersion(await registrationOf(model, 'plus-1', 2));
      await registry.registerVersion(await registrationOf(model, 'plus-2', 1));
    });

    /** Checks that each alias gives the bytes of its version, and that predictions equal those of our own runtime. */
    async function expectAliases(
      name: string,
      columns: Record<string, number[]>,
      expected: Record<string, number>,
    ): Promise<void> {
      const record = await registry.readVersion(name, 1);
      const seen = runPython('load_aliases.py', {
        server: server.address,
        model: name,
        aliases: Object.keys(expected),
        columns,
        matrix: record.manifest.inputLayout === 'matrix',
      }) as Seen;
      expect(seen.aliases).toEqual(expected);
      expect(seen.stages).toEqual(['None']);
      for (const [alias, number] of Object.entries(expected)) {
        const version = await registry.readVersion(name, number);
        const predictions = await ownPredictions(version, columns);
        expect(seen.loaded[alias]).toEqual({
          version: number,
          files: ['MLmodel', 'model.onnx', 'python_env.yaml', 'requirements.txt'],
          sha256: version.manifest.file.sha256,
          onnx: predictions,
          arrays: predictions,
          table: predictions,
          metrics: version.metrics,
        });
      }
    }

    async function ownPredictions(
      version: VersionRecord,
      columns: Record<string, number[]>,
    ): Promise<number[]> {
      const file = await registry.fetchFile(version, 'model.onnx');
      const ours = await loadModel({ file, manifest: version.manifest });
      const typed = Object.entries(columns).map(
        ([name, values]) => [name, Float32Array.from(values)] as const,
      );
      const rows = typed[0]?.[1].length ?? 0;
      const predictions = await ours.predict({ rows, columns: Object.fromEntries(typed) });
      await ours.release();
      return [...predictions];
    }

    const columns = { x: [0, 1, 2.5, -3] };

    it('after a deployment', async () => {
      await registry.deploy({ ...change, environment: 'staging', version: 1 });
      await registry.promote({ ...change, from: 'staging', environment: 'production' });
      await registry.deploy({ ...change, environment: 'staging', version: 2 });
      await expectAliases(model, columns, { staging: 2, production: 1, champion: 1, challenger: 2 });
    });

    it('after a promotion', async () => {
      await registry.promote({ ...change, from: 'staging', environment: 'production' });
      await expectAliases(model, columns, { staging: 2, production: 2, champion: 2, previous: 1 });
    });

    it('after a rollback', async () => {
      const started = Date.now();
      await registry.rollback({ ...change, environment: 'production', reason: 'complaints' });
      expect(Date.now() - started).toBeLessThan(5000);
      await expectAliases(model, columns, { staging: 2, production: 1, champion: 1, challenger: 2 });
      expect((await registry.events(model)).map(({ type }) => type)).toEqual([
        'registered',
        'registered',
        'deployed',
        'promoted',
        'deployed',
        'promoted',
        'rolled-back',
      ]);
    });

    it('of a model that takes all features as one matrix', async () => {
      const matrix = 'taxi-fares';
      await registry.registerVersion(await registrationOf(matrix, 'matrix-regression', 3));
      await registry.deploy({ ...change, model: matrix, environment: 'production', version: 1 });
      await expectAliases(matrix, { first: [1, 2, -3], second: [0, 4.5, 6] }, { production: 1, champion: 1 });
    });
  });
});
