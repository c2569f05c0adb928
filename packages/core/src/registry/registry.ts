import { setTimeout as sleep } from 'node:timers/promises';
import { safeName } from '../config/names';
import { MlopsError } from '../errors/mlops-error';
import { canonicalJson } from '../files/canonical-json';
import { sha256OfBytes } from '../files/sha256';
import { layout } from '../layout';
import type { FileDigest } from '../manifest/column';
import type { MetricValues } from '../manifest/evaluation';
import type { GateReport } from '../manifest/gate-report';
import type { ModelManifest } from '../manifest/model-manifest';
import { checkedEnvironmentName, checkedModelName } from './checked-name';
import {
  decideDeploy,
  decidePromote,
  decideRelease,
  decideRollback,
  unknownVersion,
  type ChangeContext,
  type DeployDecision,
} from './decide';
import type { RegistryDriver } from './driver';
import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent, verifyChain } from './event-log';
import { foldEvents } from './fold';
import type { Deployment, ModelState } from './state';
import type { Provenance, VersionRecord } from './version';

/** How often a change is decided anew because another writer came first. */
const ATTEMPTS = 30;

/** What a new version is made of. */
export interface RegisterInput {
  /** A safe name: `fileNameOfProject`. */
  readonly model: string;
  /** By the name in the version, the path of a local file. Holds `model.onnx` at least. */
  readonly files: Readonly<Record<string, string>>;
  readonly manifest: ModelManifest;
  readonly metrics: MetricValues;
  /** Binary classification: a score at or above it counts as positive. */
  readonly threshold?: number;
  readonly gates: GateReport;
  readonly provenance: Provenance;
  readonly actor: string;
}

export interface DeployInput {
  readonly model: string;
  readonly environment: string;
  readonly version: number;
  readonly actor: string;
  readonly reason?: string;
}

export interface PromoteInput {
  readonly model: string;
  /** The environment that serves what is promoted. */
  readonly from: string;
  readonly environment: string;
  readonly actor: string;
  readonly reason?: string;
}

export interface RollbackInput {
  readonly model: string;
  readonly environment: string;
  readonly actor: string;
  readonly reason: string;
}

export interface ReleaseInput {
  readonly model: string;
  readonly environment: string;
  readonly digest: string;
  readonly actor: string;
  readonly reason: string;
}

/** `changed` is false when the environment served that digest already and nothing was recorded. */
export interface DeployResult {
  readonly changed: boolean;
  readonly deployment: Deployment;
}

/**
 * Versions of models and what each environment serves, in one history that nothing is ever removed from (DESIGN §7).
 *
 * Every change is decided on the state as it is read, then recorded if no other writer came first; else it is decided
 * anew, so a command either holds against what the others did or says why it does not. All methods throw MLOPS_NAME
 * for unsafe names and MLOPS_REGISTRY_TAMPERED when the history is not whole.
 */
export class Registry {
  private readonly now: () => Date;

  constructor(
    private readonly driver: RegistryDriver,
    options: { readonly now?: () => Date } = {},
  ) {
    this.now = options.now ?? (() => new Date());
  }

  /** Where it lies, for people. */
  get description(): string {
    return this.driver.description;
  }

  /** Safe names of all models that have a history, sorted. */
  listModels(): Promise<string[]> {
    return this.driver.listModels();
  }

  /**
   * Makes an immutable version. The same manifest gives the same version: registering it again changes nothing.
   *
   * @throws MlopsError MLOPS_GATE_NOT_PASSED when the gates did not pass or judged another model; MLOPS_MODEL_CORRUPT
   *   when `model.onnx` is missing or is not what the manifest describes
   */
  async registerVersion(
    input: RegisterInput,
  ): Promise<{ readonly version: VersionRecord; readonly created: boolean }> {
    const model = checkedModelName(input.model);
    refuseUnproven(input);
    const digest = digestOfVersion(input);
    const known = versionWithDigest(await this.state(model), digest);
    if (known !== undefined) return { version: await this.readVersion(model, known), created: false };

    const files = await this.storeFiles(input);
    return this.retryConflicts(async () => {
      const state = await this.completedState(model);
      const number = versionWithDigest(state, digest);
      if (number !== undefined) return { version: await this.readVersion(model, number), created: false };
      const record: VersionRecord = {
        schemaVersion: 1,
        model,
        version: nextNumber(state),
        digest,
        files,
        manifest: input.manifest,
        metrics: input.metrics,
        ...(input.threshold === undefined ? {} : { threshold: input.threshold }),
        gates: input.gates,
        provenance: input.provenance,
        registeredAt: this.now().toISOString(),
        registeredBy: input.actor,
      };
      await this.driver.createVersion(record);
      await this.recordRegistration(record);
      return { version: record, created: true };
    });
  }

  /** @throws MlopsError MLOPS_UNKNOWN_VERSION, MLOPS_DIGEST_BLOCKED */
  deploy(input: DeployInput): Promise<DeployResult> {
    return this.change(input, (state, context) => decideDeploy(state, input, context));
  }

  /** @throws MlopsError MLOPS_NOTHING_DEPLOYED, MLOPS_DIGEST_BLOCKED, MLOPS_PROMOTE_TO_ITSELF */
  promote(input: PromoteInput): Promise<DeployResult> {
    checkedEnvironmentName(input.from);
    return this.change(input, (state, context) => decidePromote(state, input, context));
  }

  /**
   * Back to the last sound version that served there; the present one is blocked in this environment.
   *
   * @throws MlopsError MLOPS_NOTHING_DEPLOYED, MLOPS_NO_ROLLBACK_TARGET
   */
  async rollback(input: RollbackInput): Promise<{ readonly from: Deployment; readonly to: Deployment }> {
    const model = checkedModelName(input.model);
    const environment = checkedEnvironmentName(input.environment);
    return this.retryConflicts(async () => {
      const events = await this.events(model);
      const { from, event } = decideRollback(foldEvents(model, events), input, this.context(input));
      const after = await this.append(model, events, event);
      return { from, to: servingIn(after, environment) };
    });
  }

  /**
   * Lets a digest that was rolled back serve in the environment again; does not deploy it. Nothing happens when it
   * is released already.
   *
   * @throws MlopsError MLOPS_DIGEST_NOT_BLOCKED
   */
  async release(input: ReleaseInput): Promise<void> {
    const model = checkedModelName(input.model);
    checkedEnvironmentName(input.environment);
    await this.retryConflicts(async () => {
      const events = await this.events(model);
      const event = decideRelease(foldEvents(model, events), input, this.context(input));
      if (event !== undefined) await this.append(model, events, event);
    });
  }

  /** What is registered and what serves now; empty for a model that has no history. */
  async state(model: string): Promise<ModelState> {
    return foldEvents(model, await this.events(model));
  }

  /** The whole history in order, its chain verified; empty for a model that has none. */
  async events(model: string): Promise<RegistryEvent[]> {
    const events = await this.driver.readEvents(checkedModelName(model));
    verifyChain(events, `${this.description}: events of ${model}`);
    return events;
  }

  /** @throws MlopsError MLOPS_UNKNOWN_VERSION; MLOPS_REGISTRY_TAMPERED when the record is not what was registered */
  async readVersion(model: string, version: number): Promise<VersionRecord> {
    const state = await this.state(model);
    const digest = state.versions.get(version);
    if (digest === undefined) throw unknownVersion(state, version);
    const record = await this.driver.readVersion(model, version);
    if (record === undefined || !isRecordOf(record, model, version, digest)) {
      const what = record === undefined ? 'missing' : 'not the one that was registered';
      throw brokenRecord(this.description, model, version, what);
    }
    return record;
  }

  /**
   * @returns the path of a local file with these bytes, checked against the digest. Read only.
   * @throws MlopsError MLOPS_UNKNOWN_FILE; MLOPS_REGISTRY_BLOB_MISSING; MLOPS_REGISTRY_BLOB_CORRUPT
   */
  async fetchFile(version: VersionRecord, fileName: string): Promise<string> {
    const blob = Object.hasOwn(version.files, fileName) ? version.files[fileName] : undefined;
    if (blob === undefined) {
      throw new MlopsError(
        'MLOPS_UNKNOWN_FILE',
        `version ${version.version} of "${version.model}" holds no file "${fileName}". It holds: ${Object.keys(version.files).join(', ')}.`,
      );
    }
    return this.driver.getBlob(blob);
  }

  private async storeFiles(input: RegisterInput): Promise<Record<string, FileDigest>> {
    const files: Record<string, FileDigest> = {};
    for (const [name, path] of Object.entries(input.files)) {
      if (!safeName.safeParse(name).success) {
        throw new MlopsError('MLOPS_NAME', `${JSON.stringify(name)} cannot name a file of a version.`);
      }
      const digest = await this.driver.putBlob(path);
      if (name === layout.modelFile && digest.sha256 !== input.manifest.file.sha256) {
        throw modelCorrupt(input.model, 'its bytes are not those that the manifest describes', path);
      }
      files[name] = digest;
    }
    return files;
  }

  /**
   * The state once every version record has its event. A record without one is of a registration that was cut off,
   * or that is just under way: either way it is whole, its files are stored, and it can be completed by anybody.
   * Then numbers have no gaps and nobody waits for a process that may be gone.
   */
  private async completedState(model: string): Promise<ModelState> {
    const state = await this.state(model);
    const unfinished = await this.driver.readVersion(model, nextNumber(state));
    if (unfinished === undefined) return state;
    if (!isRecordOf(unfinished, model, nextNumber(state), unfinished.digest)) {
      throw brokenRecord(this.description, model, nextNumber(state), 'not a whole record of that version');
    }
    await this.recordRegistration(unfinished);
    return this.completedState(model);
  }

  /** Records that a version exists, unless another writer did so for us. */
  private async recordRegistration(record: VersionRecord): Promise<void> {
    const { model, version, digest, registeredAt, registeredBy } = record;
    await this.retryConflicts(async () => {
      const events = await this.events(model);
      if (foldEvents(model, events).versions.has(version)) return;
      await this.append(model, events, {
        type: 'registered',
        version,
        digest,
        at: registeredAt,
        actor: registeredBy,
      });
    });
  }

  private async change(
    input: {
      readonly model: string;
      readonly environment: string;
      readonly actor: string;
      readonly reason?: string;
    },
    decide: (state: ModelState, context: ChangeContext) => DeployDecision,
  ): Promise<DeployResult> {
    const model = checkedModelName(input.model);
    const environment = checkedEnvironmentName(input.environment);
    return this.retryConflicts(async () => {
      const events = await this.events(model);
      const decision = decide(foldEvents(model, events), this.context(input));
      if (decision.kind === 'unchanged') return { changed: false, deployment: decision.deployment };
      const after = await this.append(model, events, decision.event);
      return { changed: true, deployment: servingIn(after, environment) };
    });
  }

  private async append(
    model: string,
    events: readonly RegistryEvent[],
    event: NewRegistryEvent,
  ): Promise<ModelState> {
    const placed = chainEvent(events.at(-1), event);
    await this.driver.appendEvent(model, placed);
    return foldEvents(model, [...events, placed]);
  }

  private context({ actor, reason }: { readonly actor: string; readonly reason?: string }): ChangeContext {
    return { at: this.now().toISOString(), actor, ...(reason === undefined ? {} : { reason }) };
  }

  private async retryConflicts<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        const conflict = error instanceof MlopsError && error.code === 'MLOPS_REGISTRY_CONFLICT';
        if (!conflict || count === ATTEMPTS) throw error;
        await sleep(Math.random() * Math.min(200, 5 * 2 ** count));
      }
    }
  }
}

/** A threshold that changes nothing: what a binary classifier has that says nothing of it. */
const usualThreshold = 0.5;

/**
 * The digest that names a version: sha256 of the canonical manifest, and of the decision threshold where it is not 0.5. The
 * same weights with another threshold decide otherwise, so they are another version.
 */
export function digestOfVersion({
  manifest,
  threshold = usualThreshold,
}: {
  readonly manifest: ModelManifest;
  readonly threshold?: number;
}): string {
  return sha256OfBytes(canonicalJson(threshold === usualThreshold ? manifest : { manifest, threshold }));
}

function refuseUnproven({ model, files, manifest, gates }: RegisterInput): void {
  if (!gates.passed) {
    const failed = gates.gates.filter(({ effect }) => effect === 'block');
    throw new MlopsError(
      'MLOPS_GATE_NOT_PASSED',
      `"${model}" did not pass its gates, so no version is made of it${failed.length === 0 ? '' : `: ${failed.map(({ name }) => name).join('; ')}`}. Mend the model, or change the gates in its config where they are wrong.`,
    );
  }
  if (gates.modelSha256 !== manifest.file.sha256) {
    throw new MlopsError(
      'MLOPS_GATE_NOT_PASSED',
      `the gates of "${model}" judged another model file than this one (${gates.modelSha256} instead of ${manifest.file.sha256}). Run evaluate and gate again.`,
    );
  }
  if (!Object.hasOwn(files, layout.modelFile)) {
    throw modelCorrupt(model, `there is no ${layout.modelFile} among its files`);
  }
}

function modelCorrupt(model: string, what: string, file?: string): MlopsError {
  return new MlopsError(
    'MLOPS_MODEL_CORRUPT',
    `"${model}" cannot be registered: ${what}. Run its train target again with --skip-nx-cache.`,
    { file },
  );
}

function brokenRecord(file: string, model: string, version: number, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_TAMPERED',
    `the record of version ${version} of "${model}" is ${what}. Restore it from a backup of the registry.`,
    { file },
  );
}

function versionWithDigest(state: ModelState, digest: string): number | undefined {
  return [...state.versions].find(([, each]) => each === digest)?.[0];
}

function nextNumber(state: ModelState): number {
  return Math.max(0, ...state.versions.keys()) + 1;
}

/** Whether a record is the one whose digest the history names. The digest covers the manifest and so the model file, and the threshold. */
function isRecordOf(record: VersionRecord, model: string, version: number, digest: string): boolean {
  return (
    record.model === model &&
    record.version === version &&
    record.digest === digest &&
    digestOfVersion(record) === digest &&
    record.files[layout.modelFile]?.sha256 === record.manifest.file.sha256
  );
}

function servingIn(state: ModelState, environment: string): Deployment {
  const deployment = state.deployments.get(environment);
  if (deployment === undefined) throw new TypeError(`nothing serves in ${environment} after a deployment`);
  return deployment;
}
