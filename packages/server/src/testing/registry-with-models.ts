import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  openRegistry,
  sha256OfFile,
  type ModelManifest,
  type Registry,
  type Rollout,
  type RolloutPlan,
  type RolloutStep,
} from '@nx-mlops/core';
import { inspectModel, matchSignature } from '@nx-mlops/runtime';
import { dirSync } from 'tmp';

type Facts = Pick<ModelManifest, 'task' | 'features'>;

const plus: Facts = { task: 'regression', features: [{ name: 'x', type: 'number' }] };
const binary: Facts = {
  task: 'binary-classification',
  features: [
    { name: 'amount', type: 'number' },
    { name: 'origin', type: 'string' },
  ],
};
const facts: Record<string, Facts> = {
  'plus-1': plus,
  'plus-2': plus,
  'columns-binary-n': binary,
  'skl2onnx-binary': binary,
  'table-lookup': { task: 'regression', features: [{ name: 'row', type: 'integer' }] },
  echo: { task: 'custom', features: [{ name: 'f32', type: 'number' }] },
};

/** The models that the specs of packages/runtime load too; tools/golden/make-onnx-fixtures.py says what they compute. */
export function fixtureFile(name: string): string {
  return join(__dirname, '../../../runtime/src/fixtures', `${name}.onnx`);
}

/** A registry in a temporary folder, with a space in its path. */
export class TestRegistry {
  readonly #folder = dirSync({ unsafeCleanup: true, prefix: 'registry of models ' });
  readonly folder = this.#folder.name;
  readonly registry: Registry = openRegistry(`file:${this.folder}`, '/');

  remove(): void {
    this.#folder.removeCallback();
  }

  /** Registers a fixture as the next version of a model and gives its number. */
  async register(model: string, fixture: string): Promise<number> {
    const file = fixtureFile(fixture);
    const manifest = await manifestOf(model, file, facts[fixture] as Facts);
    const { version } = await this.registry.registerVersion({
      model,
      files: { 'model.onnx': file },
      manifest,
      metrics: {},
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
      provenance: {},
      actor: 'spec',
    });
    return version.version;
  }

  async deploy(model: string, version: number, environment = 'staging'): Promise<void> {
    await this.registry.deploy({ model, version, environment, actor: 'spec' });
  }

  /** Begins to roll a version out by these steps after its verification. */
  async startRollout(model: string, version: number, steps: readonly RolloutStep[]): Promise<void> {
    const plan: RolloutPlan = {
      strategy: 'canary',
      steps: [{ kind: 'verify' }, ...steps],
      then: 'promote',
      deadline: 3600,
    };
    await this.registry.deploy({ model, version, environment: 'staging', plan, actor: 'spec' });
  }

  /** Takes the next step of the rollout under way, as if the last one were judged well. */
  async advance(model: string): Promise<void> {
    const { active } = await this.registry.state(model);
    const { id, step } = active.get('staging') as Rollout;
    const finding = { kind: 'analysis', verdict: 'pass', summary: 'well' } as const;
    const of = { rollout: id, step };
    await this.registry.advance({ model, environment: 'staging', of, finding, actor: 'spec' });
  }

  /** Registers and deploys. */
  async serve(model: string, fixture: string): Promise<void> {
    await this.deploy(model, await this.register(model, fixture));
  }

  /** Where the bytes of a version's model lie. */
  async blobOf(model: string, version: number): Promise<string> {
    const record = await this.registry.readVersion(model, version);
    return this.registry.fetchFile(record, 'model.onnx');
  }
}

async function manifestOf(model: string, file: string, known: Facts): Promise<ModelManifest> {
  const { inputs, outputs } = await inspectModel(file);
  const classes = known.task === 'binary-classification' ? ['no', 'yes'] : undefined;
  return {
    version: 1,
    model,
    file: { sha256: await sha256OfFile(file), size: statSync(file).size },
    ...known,
    ...(classes === undefined ? {} : { classes }),
    target: 'target',
    ...matchSignature({ inputs, outputs, classes, ...known }),
    inputs,
    outputs,
    datasets: { train: { dataset: 'rows', split: 'train', sha256: '0'.repeat(64), rows: 100 } },
  };
}
