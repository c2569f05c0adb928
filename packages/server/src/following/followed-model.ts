import { messageOf, type Deployment } from '@nx-mlops/core';
import type { Logger } from '../logger';
import { retryDelay } from './retry-delay';
import type { ServedVersion } from './served-version';

type Target = Pick<Deployment, 'version' | 'digest'>;

/** Why the wanted version does not serve. */
export interface LoadFailure {
  readonly version: number;
  readonly because: string;
  readonly failures: number;
  /** Milliseconds of the clock given. */
  readonly retryAt: number;
}

export interface FollowedModelOptions {
  readonly name: string;
  readonly load: (target: Target) => Promise<ServedVersion>;
  readonly logger: Logger;
  /** Milliseconds; only differences matter. */
  readonly clock: () => number;
}

/** One model of the environment: what should serve, what does, and the way from one to the other. */
export class FollowedModel {
  readonly name: string;
  #wanted: Target;
  #serving: ServedVersion | undefined;
  #failure: LoadFailure | undefined;
  #catchingUp: Promise<void> | undefined;
  #stopped = false;
  readonly #retiring = new Set<Promise<void>>();

  constructor(
    wanted: Target,
    private readonly options: FollowedModelOptions,
  ) {
    this.name = options.name;
    this.#wanted = wanted;
  }

  get wanted(): Target {
    return this.#wanted;
  }

  /** Undefined until the first version is loaded. */
  get serving(): ServedVersion | undefined {
    return this.#serving;
  }

  get failure(): LoadFailure | undefined {
    return this.#failure;
  }

  /** Says what should serve now; returns at once. What serves already goes on until its successor is warm. */
  follow(wanted: Target): void {
    if (wanted.version !== this.#wanted.version) this.#failure = undefined;
    this.#wanted = wanted;
    if (this.#isBehind()) this.#catchingUp ??= this.#catchUp().finally(() => (this.#catchingUp = undefined));
  }

  /** Serves nothing any more; resolves when the requests under way are done and the memory is free. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#catchingUp;
    this.#retire(this.#serving);
    this.#serving = undefined;
    await Promise.all(this.#retiring);
  }

  async #catchUp(): Promise<void> {
    while (this.#isBehind()) {
      const target = this.#wanted;
      let next: ServedVersion;
      try {
        next = await this.options.load(target);
      } catch (error) {
        this.#fail(target, messageOf(error));
        continue;
      }
      if (this.#stopped || target.version !== this.#wanted.version) this.#retire(next);
      else this.#swapTo(next);
    }
  }

  #isBehind(): boolean {
    if (this.#stopped) return false;
    if (this.#serving?.version === this.#wanted.version && this.#serving.digest === this.#wanted.digest) {
      return false;
    }
    return this.#failure === undefined || this.options.clock() >= this.#failure.retryAt;
  }

  #swapTo(next: ServedVersion): void {
    const previous = this.#serving;
    this.#serving = next;
    this.#failure = undefined;
    const instead = previous === undefined ? '' : ` in place of version ${previous.version}`;
    this.options.logger.info(`${this.name}: version ${next.version} serves${instead}.`);
    this.#retire(previous);
  }

  #fail({ version }: Target, because: string): void {
    if (version !== this.#wanted.version) return;
    const failures = (this.#failure?.failures ?? 0) + 1;
    const isNews = this.#failure?.because !== because;
    this.#failure = { version, because, failures, retryAt: this.options.clock() + retryDelay(failures) };
    if (!isNews) return;
    const meanwhile =
      this.#serving === undefined ? 'Nothing serves' : `Version ${this.#serving.version} goes on serving`;
    this.options.logger.warn(
      `${this.name}: version ${version} cannot be loaded: ${because} ${meanwhile}; it is tried again from time to time.`,
    );
  }

  #retire(version: ServedVersion | undefined): void {
    if (version === undefined) return;
    const retired = version
      .retire()
      .catch((error: unknown) => {
        this.options.logger.warn(
          `${this.name}: version ${version.version} was not freed: ${messageOf(error)}`,
        );
      })
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}
