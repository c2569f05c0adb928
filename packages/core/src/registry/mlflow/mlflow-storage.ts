import { z } from 'zod';
import { MlopsError } from '../../errors/mlops-error';
import type { MlflowClient } from './mlflow-client';
import { withoutProxy } from './mlflow-failure';

/** The experiment that holds the files of all models and a run for each version. */
const EXPERIMENT = 'nx-mlops';

const experimentSchema = z.object({
  experiment: z.object({
    experiment_id: z.string(),
    artifact_location: z.string(),
    lifecycle_stage: z.string().optional(),
  }),
});
const createdSchema = z.object({ experiment_id: z.string() });
const runSchema = z.object({
  run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }),
});

export interface Experiment {
  readonly id: string;
  /** Of its files, as the artifact proxy takes it. */
  readonly folder: string;
}

export interface Run {
  readonly id: string;
  /** Of its files, as the artifact proxy takes it. */
  readonly folder: string;
  /** The same as MLflow writes it, such as `mlflow-artifacts:/1/<run>/artifacts`. */
  readonly uri: string;
}

/** Where files lie on a tracking server: MLflow lets a model version point only to files of a run. */
export class MlflowStorage {
  private known: Promise<Experiment> | undefined;

  constructor(private readonly client: MlflowClient) {}

  /** Undefined where nothing was ever stored. */
  async find(): Promise<Experiment | undefined> {
    if (this.known !== undefined) return this.known;
    const found = await this.client.get('experiments/get-by-name', {
      query: { experiment_name: EXPERIMENT },
      unless: ['RESOURCE_DOES_NOT_EXIST'],
    });
    if (found === undefined) return undefined;
    const { experiment } = experimentSchema.parse(found);
    if (experiment.lifecycle_stage === 'deleted') throw deletedExperiment(this.client.server);
    const result = {
      id: experiment.experiment_id,
      folder: this.folderOf(experiment.artifact_location),
    };
    this.known = Promise.resolve(result);
    return result;
  }

  /** Made where there is none. */
  async open(): Promise<Experiment> {
    const found = await this.find();
    if (found !== undefined) return found;
    await this.assertVersion();
    const created = await this.client.post(
      'experiments/create',
      { name: EXPERIMENT },
      { unless: ['RESOURCE_ALREADY_EXISTS'] },
    );
    if (created !== undefined) createdSchema.parse(created);
    const opened = await this.find();
    if (opened === undefined) throw deletedExperiment(this.client.server);
    return opened;
  }

  /** @param tags by key */
  async createRun(name: string, startedAt: number, tags: Readonly<Record<string, string>>): Promise<Run> {
    const { id } = await this.open();
    const created = await this.client.post('runs/create', {
      experiment_id: id,
      run_name: name,
      start_time: startedAt,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    const { run_id: runId, artifact_uri: uri } = runSchema.parse(created).run.info;
    return { id: runId, folder: this.folderOf(uri), uri };
  }

  private async assertVersion(): Promise<void> {
    const version = await this.client.version();
    const [, major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(version ?? '')?.map(Number) ?? [];
    const isOld = version !== undefined && (major < 2 || (major === 2 && minor < 3));
    if (!isOld || !/^\d/.test(version)) return;
    throw new MlopsError(
      'MLOPS_MLFLOW_UNFIT',
      `this is MLflow ${version}, which has no aliases. Take MLflow 2.3 or newer.`,
      { file: this.client.server },
    );
  }

  private folderOf(uri: string): string {
    const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.+)$/.exec(uri)?.[1];
    if (path === undefined) throw withoutProxy(this.client.server, `it keeps them at ${uri}`);
    return path.replace(/\/+$/, '');
  }
}

function deletedExperiment(server: string): MlopsError {
  return new MlopsError(
    'MLOPS_MLFLOW_EXPERIMENT_DELETED',
    `the experiment "${EXPERIMENT}", to which the files of all versions belong, was deleted. Restore it (mlflow experiments restore) before "mlflow gc" removes the files.`,
    { file: server },
  );
}
