import { messageOf, type VersionRef } from '@nx-mlops/core';
import type { Logger } from '../logger';
import { retryDelay } from './retry-delay';
import type { ServedVersion } from './served-version';

/** Versions that are loaded at the same time: one to serve, one to follow it. */
const LOADS_AT_ONCE = 2;

/** Why a wanted version is not loaded. */
export interface LoadFailure {
  readonly version: number;
  readonly because: string;
  readonly failures: number;
  /** Milliseconds of the clock given. */
  readonly retryAt: number;
}

export interface ResidentVersionsOptions {
  /** Of the model, for the log. */
  readonly name: string;
  readonly load: (ref: VersionRef) => Promise<ServedVersion>;
  readonly logger: Logger;
  /** Milliseconds; only differences matter. */
  readonly clock: () => number;
  /** A wanted version was loaded, or failed to be; `failure` is undefined in the first case or when it is no news. */
  readonly onSettled: (ref: VersionRef, news?: LoadFailure) => void;
}

/** The versions of one model that are in memory: those that are wanted are loaded, those that are not are freed. */
export class ResidentVersions {
  #wanted: readonly VersionRef[] = [];
  readonly #loaded = new Map<string, ServedVersion>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, LoadFailure>();
  readonly #retiring = new Set<Promise<void>>();
  #stopped = false;

  constructor(private readonly options: ResidentVersionsOptions) {}

  /** Undefined while it is not loaded. */
  get(ref: VersionRef): ServedVersion | undefined {
    return this.#loaded.get(keyOf(ref));
  }

  /** Undefined once it is loaded, before it was tried, or when it is no longer wanted. */
  failureOf(ref: VersionRef): LoadFailure | undefined {
    return this.#failures.get(keyOf(ref));
  }

  /**
   * Says what should be in memory; returns at once.
   *
   * @param wanted are loaded where they are not, the first ones first; those that failed, after a while
   * @param kept stay if they are loaded; whatever is in neither list is freed when its last request is done
   */
  hold(wanted: readonly VersionRef[], kept: readonly VersionRef[]): void {
    this.#wanted = wanted;
    const wantedKeys = new Set(wanted.map(keyOf));
    const keys = new Set([...wantedKeys, ...kept.map(keyOf)]);
    for (const [key, version] of this.#loaded) {
      if (keys.has(key)) continue;
      this.#loaded.delete(key);
      this.#retire(version);
    }
    for (const key of this.#failures.keys()) if (!wantedKeys.has(key)) this.#failures.delete(key);
    this.#loadWhatIsMissing();
  }

  /** Holds nothing any more; resolves when the requests under way are done and the memory is free. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loading.values());
    for (const version of this.#loaded.values()) this.#retire(version);
    this.#loaded.clear();
    await Promise.all(this.#retiring);
  }

  #loadWhatIsMissing(): void {
    for (const ref of this.#wanted) {
      const key = keyOf(ref);
      if (this.#stopped || this.#loading.size >= LOADS_AT_ONCE) return;
      if (this.#loaded.has(key) || this.#loading.has(key) || !this.#mayBeTried(key)) continue;
      this.#loading.set(key, this.#load(ref, key));
    }
  }

  #mayBeTried(key: string): boolean {
    const failure = this.#failures.get(key);
    return failure === undefined || this.options.clock() >= failure.retryAt;
  }

  async #load(ref: VersionRef, key: string): Promise<void> {
    let version: ServedVersion | undefined;
    let because = '';
    try {
      version = await this.options.load(ref);
    } catch (error) {
      because = messageOf(error);
    }
    this.#loading.delete(key);
    const isWanted = !this.#stopped && this.#wanted.some((each) => keyOf(each) === key);
    if (version === undefined) {
      if (isWanted) this.#fail(ref, key, because);
    } else if (isWanted) {
      this.#loaded.set(key, version);
      this.#failures.delete(key);
      this.options.onSettled(ref);
    } else this.#retire(version);
    this.#loadWhatIsMissing();
  }

  #fail(ref: VersionRef, key: string, because: string): void {
    const former = this.#failures.get(key);
    const failures = (former?.failures ?? 0) + 1;
    const retryAt = this.options.clock() + retryDelay(failures);
    const failure = { version: ref.version, because, failures, retryAt };
    this.#failures.set(key, failure);
    this.options.onSettled(ref, former?.because === because ? undefined : failure);
  }

  #retire(version: ServedVersion): void {
    const { name, logger } = this.options;
    const retired = version
      .retire()
      .catch((error: unknown) =>
        logger.warn(`${name}: version ${version.version} was not freed: ${messageOf(error)}`),
      )
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}

function keyOf({ version, digest }: VersionRef): string {
  return `${version} ${digest}`;
}
