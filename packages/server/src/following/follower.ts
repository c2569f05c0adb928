import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, routingOf, type VersionRef } from '@nx-mlops/core';
import { RepeatFilter, type Logger } from '../logger';
import { FollowedModel } from './followed-model';
import { loadVersion } from './load-version';
import type { RegistryReader } from './registry-reader';

export interface FollowerOptions {
  readonly registry: RegistryReader;
  readonly environment: string;
  /** Only these models, and each of them before the server is ready. All of the environment when left out. */
  readonly models?: readonly string[];
  readonly pollMilliseconds: number;
  /** Former stable versions of a model that stay loaded. */
  readonly keepPrevious: number;
  /** PEM; only versions that one of them signed are loaded. All when left out. */
  readonly publicKeys?: readonly string[];
  readonly logger: Logger;
  readonly clock?: () => number;
}

/** Keeps what is in memory, and who answers, equal to what an environment of the registry deploys and rolls out. */
export class Follower {
  readonly environment: string;
  readonly #models = new Map<string, FollowedModel>();
  /** Models whose log could not be read and of which nothing is known yet. */
  readonly #unknown = new Set<string>();
  readonly #warnings: RepeatFilter;
  readonly #stopping = new AbortController();
  #polled = false;
  #following: Promise<void> | undefined;

  constructor(private readonly options: FollowerOptions) {
    this.environment = options.environment;
    this.#warnings = new RepeatFilter(options.logger);
  }

  get models(): readonly FollowedModel[] {
    return [...this.#models.values()];
  }

  model(name: string): FollowedModel | undefined {
    return this.#models.get(name);
  }

  /**
   * Whether the registry was read, every model that should serve does, and the server is not about to stop. A model in
   * its first rollout should not yet, unless it was asked for by name.
   */
  get ready(): boolean {
    return (
      !this.#stopping.signal.aborted &&
      this.#polled &&
      this.#unknown.size === 0 &&
      (this.options.models ?? []).every((name) => this.#models.get(name)?.ready) &&
      this.models.every(({ ready, wanted }) => ready || wanted === undefined)
    );
  }

  /** Starts to follow; returns at once. */
  start(): void {
    this.#following ??= this.#follow();
  }

  /** Resolves with true when every model is loaded, with false when the server stops before that. */
  async whenReady(): Promise<boolean> {
    while (!this.ready && !this.#stopping.signal.aborted) await this.#pause(50);
    return this.ready;
  }

  /** From now on not ready, though requests are still answered. */
  prepareToStop(): void {
    this.#stopping.abort();
  }

  /** Waits for the requests under way and frees every model. */
  async stop(): Promise<void> {
    this.prepareToStop();
    await this.#following;
    await Promise.all(this.models.map((model) => model.stop()));
    this.#models.clear();
  }

  async #follow(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#poll();
      await this.#pause(this.options.pollMilliseconds);
    }
  }

  async #poll(): Promise<void> {
    let names: readonly string[];
    try {
      names = await this.#namesToFollow();
    } catch (error) {
      this.#warnings.warn(
        'registry',
        `The registry cannot be read: ${messageOf(error)} What is loaded goes on serving.`,
      );
      return;
    }
    if (this.#warnings.forget('registry')) this.options.logger.info('The registry can be read again.');
    for (const name of names) await this.#pollModel(name);
    this.#polled = true;
    this.#sayWhatIsAwaited();
  }

  async #namesToFollow(): Promise<readonly string[]> {
    const { registry, models } = this.options;
    const registered = await registry.listModels();
    const wanted = registered.filter((name) => models?.includes(name) ?? true);
    // An empty registry where there was a full one is a lost mount far more often than a wish to serve nothing.
    if (registered.length === 0 && this.#models.size > 0) throw new Error('it is suddenly empty.');
    for (const name of [...this.#models.keys(), ...this.#unknown]) {
      if (!wanted.includes(name)) this.#forget(name, 'is no longer in the registry');
    }
    return wanted;
  }

  async #pollModel(name: string): Promise<void> {
    const { registry, environment } = this.options;
    let routing;
    try {
      routing = routingOf(await registry.state(name), environment);
    } catch (error) {
      if (!this.#models.has(name)) this.#unknown.add(name);
      this.#warnings.warn(name, `${name}: its record in the registry cannot be read: ${messageOf(error)}`);
      return;
    }
    this.#unknown.delete(name);
    this.#warnings.forget(name);
    if (routing === undefined) this.#forget(name, `is no longer deployed in ${environment}`);
    else if (!this.#stopping.signal.aborted) this.#followed(name).follow(routing);
  }

  #followed(name: string): FollowedModel {
    const known = this.#models.get(name);
    if (known !== undefined) return known;
    const { registry, logger, keepPrevious, publicKeys, clock = () => performance.now() } = this.options;
    const load = (ref: VersionRef) => loadVersion(registry, name, ref, publicKeys);
    const model = new FollowedModel({ name, load, logger, clock, keepPrevious });
    this.#models.set(name, model);
    return model;
  }

  #forget(name: string, because: string): void {
    this.#unknown.delete(name);
    const model = this.#models.get(name);
    if (model === undefined) return;
    this.#models.delete(name);
    this.options.logger.info(`${name} ${because} and is no longer served.`);
    model.stop().catch((error: unknown) => this.options.logger.warn(`${name}: ${messageOf(error)}`));
  }

  #sayWhatIsAwaited(): void {
    const { models = [], environment } = this.options;
    const missing = models.filter((name) => !this.#models.has(name));
    if (missing.length > 0) {
      this.#warnings.warn(
        'awaited',
        `Waiting for ${missing.join(', ')}: nothing of that name is deployed in ${environment} yet.`,
      );
    } else if (this.#models.size === 0 && this.#unknown.size === 0) {
      this.#warnings.warn(
        'awaited',
        `No model is deployed in ${environment} yet; the first one will be served.`,
      );
    } else this.#warnings.forget('awaited');
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
