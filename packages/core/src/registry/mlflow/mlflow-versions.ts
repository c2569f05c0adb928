import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { MlopsError } from '../../errors/mlops-error';
import { sha256OfBytes } from '../../files/sha256';
import type { FileDigest } from '../../manifest/column';
import { registryConflict } from '../registry-conflict';
import { versionRecordSchema, type VersionRecord } from '../version';
import type { MlflowClient } from './mlflow-client';
import type { MlflowRegisteredModels } from './mlflow-registered-models';
import type { MlflowStorage, Run } from './mlflow-storage';
import { modelFolderTexts } from './model-folder';
import { asciiJson, tagsOf, textsOf } from './numbered-tags';
import type { RegisteredModel } from './registered-model';

export const VERSION = 'nx-mlops.version';
const PRUNED = 'nx-mlops.pruned';
const RECORD_TAG = 'nx-mlops.record';
const DIGEST_TAG = 'nx-mlops.digest';
const RECORD_FILE = 'version.json';
const MODEL_FOLDER = 'model';
/** The value of the tag `nx-mlops.version.<number>.<hash>`: where a version lies. */
const claimSchema = z.object({
  /** sha256 of the record. */
  record: z.string(),
  digest: z.string().optional(),
  run: z.string(),
  /** Of the run's files, as the artifact proxy takes it. */
  folder: z.string(),
  /** The same as MLflow writes it. */
  uri: z.string(),
});
type Claim = z.infer<typeof claimSchema>;

const createdSchema = z.object({ model_version: z.object({ version: z.coerce.number() }) });
const foundSchema = z.object({
  model_version: z.object({
    tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
  }),
});

/**
 * Versions: each is a run that holds its record and, in `model/`, the version as a model of MLflow; a tag of the
 * registered model that claims its number; and a model version of that number whose source is that folder.
 */
export class MlflowVersions {
  constructor(
    private readonly client: MlflowClient,
    private readonly storage: MlflowStorage,
    private readonly models: MlflowRegisteredModels,
    private readonly getBlob: (blob: FileDigest) => Promise<string>,
  ) {}

  /**
   * See `RegistryDriver.createVersion`.
   *
   * @throws MlopsError MLOPS_MLFLOW_NUMBER_TAKEN when a model version of that number is not ours
   */
  async create(model: string, version: number, text: string): Promise<void> {
    const sha256 = sha256OfBytes(text);
    const found = await this.models.open(model);
    const known = await this.claimOf(model, version);
    if (known !== undefined && known.record !== sha256) throw this.conflict(model, version);
    if (known === undefined) {
      await this.complete(found, version - 1);
      await this.refuseForeign(model, version);
      await this.store(model, version, text, sha256);
    }
    const claim = await this.claimOf(model, version);
    if (claim?.record !== sha256) throw this.conflict(model, version);
    await this.createModelVersion(model, version, claim);
  }

  /** See `RegistryDriver.readVersion`. */
  async read(model: string, version: number): Promise<string | undefined> {
    const claim = await this.claimOf(model, version);
    if (claim === undefined) return undefined;
    const body = await this.client.getArtifact(`${claim.folder}/${RECORD_FILE}`);
    return body === undefined ? undefined : (await buffer(body)).toString('utf8');
  }

  /**
   * Makes the model versions that a command did not come to make after it claimed their numbers.
   *
   * @param upTo the highest number that is looked at
   * @throws MlopsError MLOPS_MLFLOW_NUMBER_TAKEN
   */
  async complete(found: RegisteredModel, upTo: number): Promise<void> {
    const numbers = [...claimsOf(found).keys()].filter((each) => each > found.lastVersion && each <= upTo);
    for (const version of numbers) {
      if (await this.models.hasSoon(found.name, version)) continue;
      const claim = await this.claimOf(found.name, version);
      if (claim !== undefined) await this.createModelVersion(found.name, version, claim);
    }
  }

  /** Removes the files of versions that gc removed the blobs of; what MLflow shows of them stays. */
  async prune(found: RegisteredModel, pruned: ReadonlySet<number>): Promise<void> {
    const claims = claimsOf(found);
    for (const version of pruned) {
      const key = `${PRUNED}.${version}`;
      const claim = claims.get(version);
      if (claim === undefined || found.tags.has(key)) continue;
      await this.client.deleteArtifact(`${claim.folder}/${MODEL_FOLDER}`);
      await this.models.setTag(found.name, { key, value: 'true' });
    }
  }

  private async claimOf(model: string, version: number): Promise<Claim | undefined> {
    const found = await this.models.findSettled(model, VERSION, this.placeOf(model, version));
    return found === undefined ? undefined : claimsOf(found).get(version);
  }

  private async store(model: string, version: number, text: string, sha256: string): Promise<void> {
    const record = recordOf(text);
    const run = await this.storage.createRun(
      `${model} ${version}`,
      startOf(record),
      runTags(model, version, record),
    );
    await this.client.putArtifact(`${run.folder}/${RECORD_FILE}`, text);
    if (record !== undefined) await this.storeModel(run, record);
    const end = { run_id: run.id, status: 'FINISHED', end_time: startOf(record) };
    await this.client.post('runs/update', end);
    const claim: Claim = {
      record: sha256,
      ...(record === undefined ? {} : { digest: record.digest }),
      run: run.id,
      folder: run.folder,
      uri: run.uri,
    };
    const tags = tagsOf(VERSION, version, sha256OfBytes(run.id), asciiJson(claim));
    if (await this.models.claim(model, VERSION, version, tags)) return;
    await this.client.deleteArtifact(run.folder).catch(() => undefined);
    await this.client.post('runs/delete', { run_id: run.id }).catch(() => undefined);
    throw this.conflict(model, version);
  }

  private async storeModel(run: Run, record: VersionRecord): Promise<void> {
    const folder = `${run.folder}/${MODEL_FOLDER}`;
    for (const [name, blob] of Object.entries(record.files)) {
      await this.client.putArtifact(`${folder}/${name}`, { file: await this.getBlob(blob) });
    }
    for (const [name, content] of Object.entries(modelFolderTexts(record))) {
      await this.client.putArtifact(`${folder}/${name}`, content);
    }
    const metrics = Object.entries(record.metrics).flatMap(([name, value]) =>
      typeof value === 'number' ? [{ key: metricKey(name), value, timestamp: startOf(record), step: 0 }] : [],
    );
    await this.client.post('runs/log-batch', { run_id: run.id, metrics });
  }

  private async refuseForeign(model: string, version: number): Promise<void> {
    const last = (await this.models.find(model))?.lastVersion ?? 0;
    if (last >= version)
      throw this.numberTaken(model, version, `its version ${last} was made by something else`);
  }

  private async createModelVersion(model: string, version: number, claim: Claim): Promise<void> {
    const isMade = async () => {
      const found = await this.client.get('model-versions/get', {
        query: { name: model, version: String(version) },
        unless: ['RESOURCE_DOES_NOT_EXIST'],
      });
      if (found === undefined) return false;
      const { tags } = foundSchema.parse(found).model_version;
      if (tags.some(({ key, value }) => key === RECORD_TAG && value === claim.record)) return true;
      throw this.numberTaken(model, version, `its version ${version} was made by something else`);
    };
    if (await isMade()) return;
    let created;
    try {
      created = await this.client.post(
        'model-versions/create',
        {
          name: model,
          source: `${claim.uri}/${MODEL_FOLDER}`,
          run_id: claim.run,
          tags: [
            { key: RECORD_TAG, value: claim.record },
            ...(claim.digest === undefined ? [] : [{ key: DIGEST_TAG, value: claim.digest }]),
          ],
        },
        { repeatable: false },
      );
    } catch (error) {
      // The answer may be lost after the version was made.
      if (await isMade().catch(() => false)) return;
      throw error;
    }
    const number = createdSchema.parse(created).model_version.version;
    if (number === version) return;
    await this.client.delete('model-versions/delete', { name: model, version: String(number) });
    if (await isMade()) return;
    throw this.numberTaken(model, version, `MLflow would give the next one number ${number}`);
  }

  private conflict(model: string, version: number): MlopsError {
    return registryConflict(`took version number ${version}`, this.placeOf(model, version));
  }

  private numberTaken(model: string, version: number, why: string): MlopsError {
    return new MlopsError(
      'MLOPS_MLFLOW_NUMBER_TAKEN',
      `version ${version} cannot be made in MLflow under its number: ${why}. Versions have the same numbers here and there, and MLflow gives none twice, so somebody registered or deleted versions of this model by hand. What serves goes on; for new versions delete what is not ours if it holds no deleted number, else name another registry or rename the project.`,
      { file: this.placeOf(model, version) },
    );
  }

  private placeOf(model: string, version: number): string {
    return `${this.client.server}: version ${version} of ${model}`;
  }
}

function claimsOf(found: RegisteredModel): Map<number, Claim> {
  const claims = new Map<number, Claim>();
  for (const { number, text } of textsOf(VERSION, found.tags)) {
    const claim = claimSchema.safeParse(jsonOrUndefined(text));
    if (claim.success) claims.set(number, claim.data);
  }
  return claims;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for a text that is no record: it is kept all the same, and nothing can be loaded from it. */
function recordOf(text: string): VersionRecord | undefined {
  return versionRecordSchema.safeParse(jsonOrUndefined(text)).data;
}

function startOf(record: VersionRecord | undefined): number {
  return record === undefined ? Date.now() : Date.parse(record.registeredAt);
}

function runTags(model: string, version: number, record: VersionRecord | undefined): Record<string, string> {
  const commit = record?.provenance.commit;
  return {
    'nx-mlops.model': model,
    'nx-mlops.version': String(version),
    ...(record === undefined ? {} : { 'mlflow.user': record.registeredBy, [DIGEST_TAG]: record.digest }),
    ...(commit === undefined ? {} : { 'mlflow.source.git.commit': commit }),
  };
}

/** MLflow takes no "@" in names of metrics. */
function metricKey(name: string): string {
  return name.replace(/[^A-Za-z0-9_.\- /]/g, '_');
}
