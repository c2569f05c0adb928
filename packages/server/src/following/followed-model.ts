import type { Routing, VersionRef } from '@nx-mlops/core';
import { isInShare, trafficPosition } from '@nx-mlops/runtime';
import type { Logger } from '../logger';
import { ShadowLane } from '../shadow/shadow-lane';
import { ResidentVersions, type LoadFailure } from './resident-versions';
import type { ServedVersion } from './served-version';

export type Role = 'stable' | 'candidate';

/** Who answers a request. */
export interface Route {
  readonly role: Role;
  readonly served: ServedVersion;
  /** Who answers a copy of it afterwards, and where that waits. */
  readonly shadow?: { readonly served: ServedVersion; readonly lane: ShadowLane };
}

/** A version that requests may reach, or will once it is loaded. */
export interface Variant {
  readonly role: Role;
  readonly version: number;
  /** Undefined while it is not loaded. */
  readonly served?: ServedVersion;
  /** Why it is not loaded. */
  readonly failure?: LoadFailure;
}

export interface FollowedModelOptions {
  readonly name: string;
  readonly load: (ref: VersionRef) => Promise<ServedVersion>;
  readonly logger: Logger;
  /** Milliseconds; only differences matter. */
  readonly clock: () => number;
  /** How many former stable versions stay loaded, so that going back to them is immediate. */
  readonly keepPrevious: number;
}

/** One model of the environment: what should answer its requests, what does, and the way from one to the other. */
export class FollowedModel {
  readonly name: string;
  #routing: Routing = {};
  /** What answers as the stable one: the wanted one, or its predecessor until the wanted one is loaded. */
  #stable: ServedVersion | undefined;
  /** Former stable versions, the last one first. */
  #previous: readonly ServedVersion[] = [];
  #shadow: { readonly served: ServedVersion; readonly lane: ShadowLane } | undefined;
  /** Until everything that answers requests was tried once. */
  #starting = true;
  readonly #versions: ResidentVersions;

  constructor(private readonly options: FollowedModelOptions) {
    this.name = options.name;
    this.#versions = new ResidentVersions({
      ...options,
      onSettled: (_ref, news) => {
        if (news !== undefined) this.#warn(news);
        this.#settle();
      },
    });
  }

  /** What the registry says; empty before `follow`. */
  get routing(): Routing {
    return this.#routing;
  }

  /** What answers when no rollout says otherwise; undefined until a version is loaded. */
  get serving(): ServedVersion | undefined {
    return this.#stable ?? (this.#takesAll ? this.#candidate : undefined);
  }

  /** The version that should be serving. */
  get wanted(): VersionRef | undefined {
    return this.#routing.stable ?? (this.#takesAll ? this.#routing.candidate : undefined);
  }

  /** Why the version that should be serving is not loaded. */
  get failure(): LoadFailure | undefined {
    const { wanted } = this;
    return wanted === undefined ? undefined : this.#versions.failureOf(wanted);
  }

  /**
   * Whether it serves, and everything that answers requests at the start was tried: a server that starts amid a rollout
   * must not send its subjects to the other version.
   */
  get ready(): boolean {
    return this.serving !== undefined && !this.#starting;
  }

  /** What serves, then what should but is not loaded, then the candidate. */
  get variants(): readonly Variant[] {
    const { stable, candidate } = this.#routing;
    const variants: Variant[] = [];
    if (this.#stable !== undefined) {
      variants.push({ role: 'stable', version: this.#stable.version, served: this.#stable });
    }
    if (stable !== undefined && this.#versions.get(stable) === undefined) {
      variants.push(this.#variant('stable', stable));
    }
    if (candidate !== undefined) variants.push(this.#variant('candidate', candidate));
    return variants;
  }

  /**
   * Who answers a request about a subject. A candidate that is not loaded answers nothing, and neither does one without
   * a stable version beside it until all requests are its.
   *
   * @returns undefined when nobody can
   */
  route(subject: string): Route | undefined {
    const stable: Route | undefined =
      this.#stable === undefined ? undefined : { role: 'stable', served: this.#stable };
    const rollout = this.#routing.candidate;
    const candidate = this.#candidate;
    if (rollout === undefined || candidate === undefined) return stable;
    const position = trafficPosition({ salt: this.name, experiment: rollout.rollout, subject });
    const isAlone = this.#routing.stable === undefined;
    if (isInShare(position, rollout.weight) && (!isAlone || this.#takesAll)) {
      return { role: 'candidate', served: candidate };
    }
    if (stable === undefined || this.#shadow === undefined || !isInShare(position, rollout.shadow)) {
      return stable;
    }
    return { ...stable, shadow: this.#shadow };
  }

  /** Says who should answer from now on; returns at once. What serves goes on until its successor is warm. */
  follow(routing: Routing): void {
    this.#announce(routing);
    this.#routing = routing;
    this.#settle();
  }

  /** Serves nothing any more; resolves when the requests under way are done and the memory is free. */
  async stop(): Promise<void> {
    this.#shadow?.lane.close();
    this.#stable = undefined;
    this.#routing = {};
    await this.#versions.stop();
  }

  get #candidate(): ServedVersion | undefined {
    const { candidate } = this.#routing;
    return candidate === undefined ? undefined : this.#versions.get(candidate);
  }

  get #takesAll(): boolean {
    return (this.#routing.candidate?.weight ?? 0) >= 100;
  }

  #variant(role: Role, ref: VersionRef): Variant {
    const served = this.#versions.get(ref);
    const failure = this.#versions.failureOf(ref);
    return {
      role,
      version: ref.version,
      ...(served === undefined ? {} : { served }),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /** Brings what is in memory, and who answers, in line with the routing. */
  #settle(): void {
    const { stable, candidate } = this.#routing;
    const due = stable === undefined ? undefined : this.#versions.get(stable);
    if (due !== undefined && due !== this.#stable) this.#swapTo(due);
    this.#openShadow();
    const wanted = [stable, candidate].filter((ref) => ref !== undefined);
    const kept = this.#stable === undefined ? this.#previous : [this.#stable, ...this.#previous];
    this.#versions.hold(wanted, kept);
    const isTried = (ref: VersionRef) =>
      (this.#versions.get(ref) ?? this.#versions.failureOf(ref)) !== undefined;
    const answering = candidate?.weight === 0 ? [stable] : wanted;
    if (answering.every((ref) => ref === undefined || isTried(ref))) this.#starting = false;
  }

  #swapTo(next: ServedVersion): void {
    const former = this.#stable;
    this.#stable = next;
    this.#previous = [...(former === undefined ? [] : [former]), ...this.#previous]
      .filter((version) => version !== next)
      .slice(0, this.options.keepPrevious);
    const instead = former === undefined ? '' : ` in place of version ${former.version}`;
    this.options.logger.info(`${this.name}: version ${next.version} serves${instead}.`);
  }

  /** One lane a candidate, so that what waits for one never reaches another. */
  #openShadow(): void {
    const served = this.#candidate;
    if (this.#shadow?.served === served) return;
    this.#shadow?.lane.close();
    this.#shadow =
      served === undefined
        ? undefined
        : { served, lane: new ShadowLane(() => served.counters.shadow.dropped()) };
  }

  #announce({ stable, candidate }: Routing): void {
    const former = this.#routing.candidate;
    const { logger } = this.options;
    if (candidate !== undefined) {
      const { rollout, version, weight, shadow } = candidate;
      const isNews = rollout !== former?.rollout || weight !== former.weight || shadow !== former.shadow;
      const copies = shadow > 0 ? ` and copies of ${shadow} %` : '';
      if (isNews)
        logger.info(
          `${this.name}: rollout ${rollout} gives version ${version} ${weight} % of the requests${copies}.`,
        );
    } else if (former !== undefined && former.version !== stable?.version) {
      logger.info(`${this.name}: rollout ${former.rollout} ended; version ${former.version} is let go.`);
    }
  }

  #warn({ version, because }: LoadFailure): void {
    const meanwhile =
      this.serving === undefined ? 'Nothing serves' : `Version ${this.serving.version} goes on serving`;
    this.options.logger.warn(
      `${this.name}: version ${version} cannot be loaded: ${because} ${meanwhile}; it is tried again from time to time.`,
    );
  }
}
