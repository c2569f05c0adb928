import { messageOf, MlopsError } from '../../errors/mlops-error';
import { sha256OfBytes } from '../../files/sha256';
import type { FileDigest } from '../../manifest/column';
import { checkedModelName } from '../checked-name';
import type { EventPage, LogPosition, RegistryDriver } from '../driver';
import type { RegistryEvent } from '../event';
import { foldEvents } from '../fold';
import { pageOfLog, pageOfTail, startOfTail } from '../log-page';
import { LogMemory } from '../log-memory';
import { refuseUnlessNext } from '../refuse-unless-next';
import { registryConflict } from '../registry-conflict';
import { aliasesOf } from './mlflow-aliases';
import { MlflowBlobs } from './mlflow-blobs';
import { MlflowClient, type MlflowClientOptions } from './mlflow-client';
import { MlflowRegisteredModels } from './mlflow-registered-models';
import { MlflowStorage } from './mlflow-storage';
import { MlflowVersions } from './mlflow-versions';
import { asciiJson, tagsOf, textsOf } from './numbered-tags';
import type { RegisteredModel } from './registered-model';

export const EVENT = 'nx-mlops.event';
/** How often aliases are set anew because the log went on meanwhile. */
const ROUNDS = 5;

export interface MlflowDriverOptions extends MlflowClientOptions {
  /** Absolute; for files of versions, made when one is first needed. */
  readonly cacheFolder: string;
  /** In order of promotion; the last is the one whose version is the champion. */
  readonly environments?: readonly string[];
  /** How long other commands may take to settle who came first, and to finish what they began. ms @default 5 s */
  readonly patience?: number;
}

/**
 * A registry on an MLflow tracking server (docs/decisions/0016):
 *
 * ```
 * registered model <name>            tags nx-mlops.event.000007.<hash>: the log, an event each
 *                                    tags nx-mlops.version.000003.<hash>: who has that number
 *                                    aliases champion, challenger, previous and one for each environment
 *   model version 3                  source: <run>/model, a model that MLflow's own client loads
 * experiment nx-mlops                blobs/sha256/ab/<hex>.<ms>
 *   run of each version              version.json, model/MLmodel, model/model.onnx, …
 * ```
 *
 * A log is read with one request. There are no snapshots: the whole log comes with that request.
 */
export class MlflowRegistryDriver implements RegistryDriver {
  readonly description: string;
  private readonly models: MlflowRegisteredModels;
  private readonly blobs: MlflowBlobs;
  private readonly versions: MlflowVersions;
  private readonly environments: readonly string[];
  private readonly memory = new LogMemory();

  /** @param server address of the tracking server */
  constructor(
    server: string,
    { cacheFolder, environments = [], patience = 5000, ...options }: MlflowDriverOptions,
  ) {
    const client = new MlflowClient(server.replace(/\/+$/, ''), options);
    this.description = `mlflow:${client.server}`;
    const storage = new MlflowStorage(client);
    this.models = new MlflowRegisteredModels(client, patience);
    this.blobs = new MlflowBlobs(client, storage, cacheFolder);
    this.versions = new MlflowVersions(client, storage, this.models, (blob) => this.getBlob(blob));
    this.environments = environments;
  }

  async listModels(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name, tags } of this.models.list()) {
      if (textsOf(EVENT, tags).length > 0) names.push(name);
    }
    return names.sort();
  }

  putBlob(localFile: string): Promise<FileDigest> {
    return this.blobs.put(localFile);
  }

  getBlob(blob: FileDigest): Promise<string> {
    return this.blobs.get(blob);
  }

  listBlobs(): ReturnType<RegistryDriver['listBlobs']> {
    return this.blobs.list();
  }

  removeBlobs(digests: readonly string[], before: number): Promise<string[]> {
    return this.blobs.remove(digests, before);
  }

  async createVersion(model: string, version: number, record: string): Promise<void> {
    await this.versions.create(checkedModelName(model), version, record);
  }

  async readVersion(model: string, version: number): Promise<string | undefined> {
    return this.versions.read(checkedModelName(model), version);
  }

  async readEvents(model: string, after?: LogPosition): Promise<EventPage> {
    const found = await this.settled(checkedModelName(model));
    const bytes = found === undefined ? Buffer.alloc(0) : logOf(found);
    if (bytes.length === 0) return { events: [], continued: false };
    const tail = after === undefined ? undefined : tailOf(bytes, after);
    return tail ?? this.pageOf(model, bytes);
  }

  async appendEvent(model: string, event: RegistryEvent): Promise<void> {
    const place = this.placeOf(checkedModelName(model));
    await this.models.open(model);
    const found = await this.settled(model);
    refuseUnlessNext(event, found === undefined ? Buffer.alloc(0) : logOf(found), place);
    const tags = tagsOf(EVENT, event.seq, event.hash, asciiJson(event));
    let isRecorded: boolean;
    try {
      isRecorded = await this.models.claim(model, EVENT, event.seq, tags);
    } catch (error) {
      // The server may have failed after the event was written; a rollback that is then repeated would go back further.
      if (await this.holds(model, event).catch(() => false)) return;
      throw error;
    }
    if (!isRecorded) throw registryConflict(`recorded event ${event.seq}`, place);
  }

  /** The log comes whole with one request, so that a snapshot would spare nothing. */
  async readSnapshot(model: string): Promise<undefined> {
    checkedModelName(model);
    return Promise.resolve(undefined);
  }

  async writeSnapshot(model: string): Promise<void> {
    checkedModelName(model);
    return Promise.resolve();
  }

  async mirror(model: string): Promise<void> {
    try {
      for (let round = 0; round < ROUNDS; round++) {
        if (!(await this.mirrorOnce(checkedModelName(model)))) return;
      }
    } catch (error) {
      throw new MlopsError(
        'MLOPS_MLFLOW_ALIASES',
        `what the command did is recorded, and nx-mlops serves by it, but the model versions and aliases of MLflow do not show it yet, so its clients may load what "champion" was before: ${messageOf(error)} Do not repeat a rollback. The next command that deploys or promotes mends it, also one that changes nothing, such as deploying what serves.`,
        { file: this.placeOf(model) },
        { cause: error },
      );
    }
  }

  /** @returns whether anything was to be changed, so that it is to be looked at again */
  private async mirrorOnce(model: string): Promise<boolean> {
    const found = await this.settled(model);
    if (found === undefined) return false;
    const { events } = this.pageOf(model, logOf(found));
    const state = foldEvents(model, events);
    const lastRegistered = Math.max(0, ...state.versions.keys());
    await this.versions.complete(found, lastRegistered);
    await this.versions.prune(found, state.pruned);
    let changed = false;
    for (const [alias, version] of aliasesOf(state, this.environments)) {
      if (found.aliases.get(alias) === version) continue;
      changed = true;
      if (version === undefined) await this.models.deleteAlias(model, alias);
      else await this.models.setAlias(model, alias, version);
    }
    return changed;
  }

  /** Whether an event stands, and alone. */
  private async holds(model: string, { seq, hash }: RegistryEvent): Promise<boolean> {
    const { events } = await this.readEvents(model);
    return events[seq - 1]?.hash === hash;
  }

  private settled(model: string): Promise<RegisteredModel | undefined> {
    return this.models.findSettled(model, EVENT, this.placeOf(model));
  }

  private pageOf(model: string, bytes: Buffer): EventPage {
    const stamp = sha256OfBytes(bytes);
    const known = this.memory.recall(model, stamp);
    if (known !== undefined) return known;
    const page = pageOfLog(bytes, this.placeOf(model));
    this.memory.remember(model, { stamp, page, bytes: bytes.length });
    return page;
  }

  private placeOf(model: string): string {
    return `${this.description}: events of ${model}`;
  }
}

/** The log as it would stand in a file, a line for each event. */
function logOf({ tags }: RegisteredModel): Buffer {
  return Buffer.from(
    textsOf(EVENT, tags)
      .map(({ text }) => `${text}\n`)
      .join(''),
  );
}

function tailOf(bytes: Buffer, after: LogPosition): EventPage | undefined {
  const start = startOfTail(after);
  return start === undefined ? undefined : pageOfTail(bytes.subarray(start), after);
}
