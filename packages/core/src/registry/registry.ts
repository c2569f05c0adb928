import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import type { AdmissionPolicy } from './admission';
import type { ChangeContext } from './change-context';
import {
  decideDeploy,
  decidePromote,
  decideRelease,
  decideRollback,
  unknownVersion,
  type RollbackDecision,
  type StartDecision,
  type StartOptions,
} from './decide';
import type { RegistryDriver } from './driver';
import { prunableVersions, type KeepPolicy } from './prune';
import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent, verifyChain } from './event-log';
import { foldEvents } from './fold';
import { mapConcurrently } from './map-concurrently';
import { ModelSummaries, SNAPSHOT_EVERY } from './model-summaries';
import {
  activeRollout,
  decideAbort,
  decideAdvance,
  decideApprove,
  type AdvanceCommand,
  type AdvanceDecision,
} from './rollout/decide-rollout';
import type { Evidence } from './rollout/evidence';
import type { Rollout, VersionRef } from './rollout/rollout';
import { signatureDifferences } from './signature-differences';
import type { Deployment, ModelState } from './state';
import type { ModelSummary } from './summary';
import { parseVersionRecord, versionRecordSchema, type Provenance, type VersionRecord } from './version';

/** How often a change is decided anew because another writer came first. */
const ATTEMPTS = 30;
/** Models whose logs are read at once. */
const SUMMARIES_AT_ONCE = 16;

export interface RegistryOptions {
  /** The clock that stamps events. @default that of the system */
  readonly now?: () => Date;
}

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
  /**
   * Signs a version that is new, over all its files as they are stored.
   *
   * @returns path of the signature, which is kept with them as `model.sig`
   */
  readonly sign?: (files: Readonly<Record<string, FileDigest>>) => Promise<string>;
}

/** Who asks for a change of what, and why. */
export interface ChangeInput {
  /** A safe name: `fileNameOfProject`. */
  readonly model: string;
  readonly environment: string;
  readonly actor: string;
  readonly reason?: string;
}

export interface DeployInput extends ChangeInput, Omit<StartOptions, 'admission'> {
  readonly version: number;
  readonly policy?: AdmissionPolicy;
}

export interface PromoteInput extends ChangeInput, Omit<StartOptions, 'admission'> {
  /** The environment that serves what is promoted. */
  readonly from: string;
  /** That is meant. @default whatever `from` serves */
  readonly version?: number;
  readonly policy?: AdmissionPolicy;
}

export interface RollbackInput extends ChangeInput {
  readonly reason: string;
  /** A version that served there. @default the last sound one */
  readonly to?: number;
  /** Go back even where the versions take or give other columns. */
  readonly force?: boolean;
  readonly evidence?: Evidence;
}

export interface ReleaseInput extends ChangeInput {
  readonly digest: string;
  readonly reason: string;
}

/** What a deployment or promotion came to. `changed` is false when it was so already and nothing was recorded. */
export type StartResult =
  | { readonly kind: 'serving'; readonly changed: boolean; readonly deployment: Deployment }
  | { readonly kind: 'rollout'; readonly changed: boolean; readonly rollout: Rollout };

/** The summary of a model, or why there is none. */
export type SummaryResult =
  | { readonly model: string; readonly summary: ModelSummary; readonly error?: undefined }
  | { readonly model: string; readonly summary?: undefined; readonly error: MlopsError };

/**
 * Versions of models and what each environment serves, in one history that nothing is ever removed from (DESIGN §7).
 *
 * Every change is decided on the state as it is read, then recorded if no other writer came first; else it is decided
 * anew, so a command either holds against what the others did or says why it does not. All methods throw MLOPS_NAME
 * for unsafe names and MLOPS_REGISTRY_TAMPERED when the history is not whole.
 */
export class Registry {
  private readonly now: () => Date;
  private readonly modelSummaries: ModelSummaries;
  /** By the events of a log as the driver gave them, which gives the same again while the log does not change. */
  private readonly verified = new WeakMap<readonly RegistryEvent[], ModelState>();

  constructor(
    private readonly driver: RegistryDriver,
    options: RegistryOptions = {},
  ) {
    this.now = options.now ?? (() => new Date());
    this.modelSummaries = new ModelSummaries(driver);
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
    if (known !== undefined) {
      await this.driver.mirror?.(model);
      return { version: await this.readVersion(model, known), created: false };
    }

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
      const text = canonicalJson(versionRecordSchema.parse(record));
      await this.driver.createVersion(model, record.version, text);
      await this.recordRegistration(record, sha256OfBytes(text));
      return { version: record, created: true };
    });
  }

  /** @throws MlopsError as `decideDeploy` */
  deploy({ policy, ...input }: DeployInput): Promise<StartResult> {
    return this.start(input, async (state) => {
      const admission = await this.admission(state, policy, input.version);
      return (context) => decideDeploy(state, { ...input, ...admission }, context);
    });
  }

  /** @throws MlopsError as `decidePromote` */
  promote({ policy, ...input }: PromoteInput): Promise<StartResult> {
    checkedEnvironmentName(input.from);
    return this.start(input, async (state) => {
      const version = state.deployments.get(input.from)?.version;
      const admission = version === undefined ? {} : await this.admission(state, policy, version);
      return (context) => decidePromote(state, { ...input, ...admission }, context);
    });
  }

  /**
   * Aborts the rollout under way, else goes back to an earlier version that served there; what is left is blocked.
   *
   * @throws MlopsError MLOPS_NOTHING_DEPLOYED, MLOPS_NO_ROLLBACK_TARGET; MLOPS_SIGNATURE_DIFFERS when the version to
   *   return to takes or gives other columns and `force` is not set
   */
  async rollback(input: RollbackInput): Promise<RollbackDecision> {
    const { model, environment, to, force, evidence } = input;
    const command = { environment, to, evidence };
    const { result } = await this.change(input, async (state, context) => {
      const decision = decideRollback(state, command, context);
      const { kind, from, target } = decision;
      if (kind === 'abort' || target === undefined) return { event: decision.event, result: decision };
      const [left, returned] = [
        await this.readVersion(model, from.version),
        await this.readVersion(model, target.version),
      ];
      const differences = signatureDifferences(left.manifest, returned.manifest);
      if (differences.length > 0 && force !== true) throw signatureDiffers(input, from, target, differences);
      const forced = differences.length > 0;
      const final = forced ? decideRollback(state, { ...command, forced }, context) : decision;
      return { event: final.event, result: final };
    });
    return result;
  }

  /**
   * Lets a digest that was rolled back serve in the environment again; does not deploy it. Nothing happens when it
   * is released already.
   *
   * @throws MlopsError MLOPS_DIGEST_NOT_BLOCKED
   */
  async release(input: ReleaseInput): Promise<void> {
    await this.change(input, (state, context) => ({
      event: decideRelease(state, input, context),
      result: undefined,
    }));
  }

  /** @throws MlopsError as `decideApprove` */
  async approve(input: ChangeInput): Promise<Rollout> {
    const { state } = await this.change(input, (before, context) => ({
      event: decideApprove(before, input, context),
      result: undefined,
    }));
    return activeRollout(state, input.environment);
  }

  /**
   * Takes one decision on the rollout under way.
   *
   * @param input.of the rollout and the step that the finding is about; a step that another command has taken meanwhile
   *   is not taken twice, and the decision is to look again
   * @throws MlopsError MLOPS_NO_ROLLOUT
   */
  async advance(
    input: ChangeInput &
      AdvanceCommand & {
        readonly of: { readonly rollout: string; readonly step: number };
      },
  ): Promise<{ readonly decision: AdvanceDecision; readonly rollout: Rollout }> {
    const { of, environment } = input;
    const { state, result } = await this.change(input, (before, context) => {
      const rollout = before.active.get(environment);
      const isOther = rollout === undefined || rollout.id !== of.rollout || rollout.step !== of.step;
      const decision: AdvanceDecision = isOther
        ? { kind: 'wait', because: 'another command moved the rollout meanwhile', until: context.at }
        : decideAdvance(before, input, context);
      return { event: decision.kind === 'append' ? decision.event : undefined, result: decision };
    });
    const rollout = state.rollouts.get(of.rollout);
    if (rollout === undefined) throw new RangeError(`there is no rollout ${of.rollout}`);
    return { decision: result, rollout };
  }

  /** @throws MlopsError MLOPS_NO_ROLLOUT */
  async abort(input: ChangeInput & { readonly quarantine?: boolean }): Promise<Rollout> {
    const { state, result } = await this.change(input, (before, context) => ({
      event: decideAbort(before, input, context),
      result: activeRollout(before, input.environment).id,
    }));
    return state.rollouts.get(result) as Rollout;
  }

  /**
   * Records that versions give up their bytes; `sweep` then removes them. The history and the records stay.
   *
   * @returns the versions, in ascending order
   */
  async prune(input: {
    readonly model: string;
    readonly policy: KeepPolicy;
    readonly actor: string;
    readonly reason?: string;
  }): Promise<number[]> {
    const model = checkedModelName(input.model);
    const pruned: number[] = [];
    for (;;) {
      const version = await this.retryConflicts(async () => {
        const events = await this.events(model);
        const state = foldEvents(model, events);
        const [first] = prunableVersions(state, input.policy);
        if (first === undefined) return undefined;
        const digest = state.versions.get(first) as string;
        await this.append(model, events, { type: 'pruned', version: first, digest, ...this.context(input) });
        return first;
      });
      if (version === undefined) return pruned;
      pruned.push(version);
    }
  }

  /**
   * Removes bytes that no version and no event names. Young ones stay: a registration may be about to name them.
   *
   * @param grace how old they must be. ms
   * @returns what was removed, or would be in a dry run
   */
  async sweep({
    grace,
    dryRun,
  }: {
    readonly grace: number;
    readonly dryRun?: boolean;
  }): Promise<{ readonly blobs: number; readonly bytes: number }> {
    const before = this.now().getTime() - grace;
    const useless = new Map<string, number>();
    for await (const { sha256, size, stored } of this.driver.listBlobs()) {
      if (stored < before) useless.set(sha256, size);
    }
    // Named after they were listed: what is stored anew meanwhile is younger than the list.
    for (const sha256 of await this.namedBlobs()) useless.delete(sha256);
    const digests = [...useless.keys()];
    const gone = dryRun === true ? digests : await this.driver.removeBlobs(digests, before);
    return { blobs: gone.length, bytes: gone.reduce((sum, sha256) => sum + (useless.get(sha256) ?? 0), 0) };
  }

  /** Digests of all bytes that a version which still has its bytes, or an event, names. */
  private async namedBlobs(): Promise<Set<string>> {
    const named = new Set<string>();
    for (const model of await this.listModels()) {
      const events = await this.events(model);
      const state = foldEvents(model, events);
      for (const event of events) {
        if ('evidence' in event && event.evidence?.report !== undefined)
          named.add(event.evidence.report.sha256);
      }
      // One more than is known: a registration that was cut off, or is under way.
      for (const version of [...state.versions.keys(), nextNumber(state)]) {
        if (state.pruned.has(version)) continue;
        const text = await this.driver.readVersion(model, version);
        if (text === undefined) continue;
        const { files } = parseVersionRecord(text, this.placeOf(model, version));
        for (const { sha256 } of Object.values(files)) named.add(sha256);
      }
    }
    return named;
  }

  /** What is registered and what serves now; empty for a model that has no history. */
  async state(model: string): Promise<ModelState> {
    return (await this.read(model)).state;
  }

  /** The whole history in order, its chain verified; empty for a model that has none. */
  async events(model: string): Promise<readonly RegistryEvent[]> {
    return (await this.read(model)).events;
  }

  /**
   * What a model comes to now, without its past. Cheaper than `state`: only what was recorded since the last snapshot, or
   * since this process asked last, is read and verified.
   */
  async summary(model: string): Promise<ModelSummary> {
    return this.modelSummaries.summaryOf(checkedModelName(model));
  }

  /** Of all models, sorted by name. One whose history is broken stands beside the others with the reason. */
  async summaries(): Promise<SummaryResult[]> {
    const models = await this.listModels();
    return mapConcurrently(models, SUMMARIES_AT_ONCE, (model) => this.summaryResult(model));
  }

  /** The summary of a model, or why it cannot be told. */
  async summaryResult(model: string): Promise<SummaryResult> {
    try {
      return { model, summary: await this.summary(model) };
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error;
      return { model, error };
    }
  }

  /** @throws MlopsError MLOPS_UNKNOWN_VERSION; MLOPS_REGISTRY_TAMPERED when the record is not what was registered */
  async readVersion(model: string, version: number): Promise<VersionRecord> {
    const state = await this.state(model);
    if (!state.versions.has(version)) throw unknownVersion(state, version);
    return this.recordOf(state, version);
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

  /**
   * Keeps what an event rests on, such as the report of an analysis.
   *
   * @returns what `readReport` finds it by
   */
  async storeReport(text: string): Promise<FileDigest> {
    const folder = await mkdtemp(join(tmpdir(), 'nx-mlops-report-'));
    try {
      const file = join(folder, 'report.json');
      await writeFile(file, text);
      return await this.driver.putBlob(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @throws MlopsError MLOPS_REGISTRY_BLOB_MISSING, MLOPS_REGISTRY_BLOB_CORRUPT */
  async readReport(report: FileDigest): Promise<string> {
    return readFile(await this.driver.getBlob(report), 'utf8');
  }

  private async read(
    model: string,
  ): Promise<{ readonly events: readonly RegistryEvent[]; readonly state: ModelState }> {
    const { events } = await this.driver.readEvents(checkedModelName(model));
    const known = this.verified.get(events);
    if (known !== undefined) return { events, state: known };
    verifyChain(events, `${this.description}: events of ${model}`);
    const state = foldEvents(model, events);
    this.verified.set(events, state);
    return { events, state };
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
    if (input.sign === undefined) return files;
    return { ...files, [layout.signatureFile]: await this.driver.putBlob(await input.sign(files)) };
  }

  /** The record of a version that the state knows. */
  private async recordOf(state: ModelState, version: number): Promise<VersionRecord> {
    const { model } = state;
    const text = await this.driver.readVersion(model, version);
    if (text === undefined) throw brokenRecord(this.description, model, version, 'missing');
    const recorded = state.records.get(version);
    const record = parseVersionRecord(text, this.placeOf(model, version));
    if (
      (recorded !== undefined && recorded !== sha256OfBytes(text)) ||
      !isRecordOf(record, model, version, state.versions.get(version) as string)
    ) {
      throw brokenRecord(this.description, model, version, 'not the one that was registered');
    }
    return record;
  }

  private placeOf(model: string, version: number): string {
    return `${this.description}: version ${version} of ${model}`;
  }

  /** What an environment's policy is judged on; nothing without one, or for a version that is unknown. */
  private async admission(
    state: ModelState,
    policy: AdmissionPolicy | undefined,
    version: number,
  ): Promise<Pick<StartOptions, 'admission'>> {
    if (policy === undefined || !state.versions.has(version)) return {};
    const { metrics } = await this.recordOf(state, version);
    return { admission: { policy, metrics } };
  }

  /**
   * The state once every version record has its event. A record without one is of a registration that was cut off,
   * or that is just under way: either way it is whole, its files are stored, and it can be completed by anybody.
   * Then numbers have no gaps and nobody waits for a process that may be gone.
   */
  private async completedState(model: string): Promise<ModelState> {
    const state = await this.state(model);
    const number = nextNumber(state);
    const text = await this.driver.readVersion(model, number);
    if (text === undefined) return state;
    const unfinished = parseVersionRecord(text, this.placeOf(model, number));
    if (!isRecordOf(unfinished, model, number, unfinished.digest)) {
      throw brokenRecord(this.description, model, number, 'not a whole record of that version');
    }
    await this.recordRegistration(unfinished, sha256OfBytes(text));
    return this.completedState(model);
  }

  /**
   * Records that a version exists, unless another writer did so for us.
   *
   * @param digest of the record's text
   */
  private async recordRegistration(record: VersionRecord, digest: string): Promise<void> {
    const { model, version, registeredAt, registeredBy } = record;
    await this.retryConflicts(async () => {
      const { events, state } = await this.read(model);
      if (state.versions.has(version)) return;
      await this.append(model, events, {
        type: 'registered',
        version,
        digest: record.digest,
        record: digest,
        at: registeredAt,
        actor: registeredBy,
      });
    });
  }

  private async start(
    input: ChangeInput,
    prepare: (state: ModelState) => Promise<(context: ChangeContext) => StartDecision>,
  ): Promise<StartResult> {
    const { environment } = input;
    const { state, result } = await this.change(input, async (before, context) => {
      const decision = (await prepare(before))(context);
      return { event: decision.kind === 'append' ? decision.event : undefined, result: decision };
    });
    switch (result.kind) {
      case 'unchanged':
        return { kind: 'serving', changed: false, deployment: result.deployment };
      case 'under-way':
        return { kind: 'rollout', changed: false, rollout: result.rollout };
      case 'append':
        return result.event.type === 'rollout-started'
          ? { kind: 'rollout', changed: true, rollout: activeRollout(state, environment) }
          : { kind: 'serving', changed: true, deployment: servingIn(state, environment) };
    }
  }

  /**
   * Decides on the state as it is read and records what was decided; anew whenever another writer came first.
   *
   * @returns what was decided, and the state after it
   */
  private async change<Result>(
    input: ChangeInput,
    decide: (state: ModelState, context: ChangeContext) => Promise<Decided<Result>> | Decided<Result>,
  ): Promise<{ readonly state: ModelState; readonly result: Result }> {
    const model = checkedModelName(input.model);
    checkedEnvironmentName(input.environment);
    return this.retryConflicts(async () => {
      const { events, state } = await this.read(model);
      const { event, result } = await decide(state, this.context(input));
      if (event === undefined) await this.driver.mirror?.(model);
      return { state: event === undefined ? state : await this.append(model, events, event), result };
    });
  }

  private async append(
    model: string,
    events: readonly RegistryEvent[],
    event: NewRegistryEvent,
  ): Promise<ModelState> {
    const placed = chainEvent(events.at(-1), event);
    await this.driver.appendEvent(model, placed);
    await this.driver.mirror?.(model);
    // The event is recorded; without a snapshot readers only have more to read.
    if (placed.seq % SNAPSHOT_EVERY === 0)
      await this.modelSummaries.writeSnapshot(model).catch(() => undefined);
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

interface Decided<Result> {
  /** Nothing is recorded without one. */
  readonly event?: NewRegistryEvent;
  readonly result: Result;
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

function signatureDiffers(
  { model, environment }: ChangeInput,
  from: VersionRef,
  to: VersionRef,
  differences: readonly string[],
): MlopsError {
  return new MlopsError(
    'MLOPS_SIGNATURE_DIFFERS',
    `version ${to.version} of "${model}" does not take and give what version ${from.version} does, so going back to it in "${environment}" would break its callers: ${differences.join('; ')}. Go back to a version with the same signature (--to), or force it where the callers can take it (--force).`,
  );
}

function brokenRecord(file: string, model: string, version: number, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_TAMPERED',
    `the record of version ${version} of "${model}" is ${what}. Restore it from a backup of the registry.`,
    { file },
  );
}

/** Of a version that still has its bytes; one that gc emptied comes back as a new version. */
export function versionWithDigest(
  { versions, pruned }: Pick<ModelState, 'versions' | 'pruned'>,
  digest: string,
): number | undefined {
  return [...versions].find(([version, each]) => each === digest && !pruned.has(version))?.[0];
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
