import type { Comparison } from '../shadow/compare-answers';
import { Histogram, oneTwoFive, type HistogramSnapshot } from './histogram';

/** Milliseconds: 0.1 ms to 10 s. */
const latencyBounds = oneTwoFive(-1, 4);
/** Of scores of any scale: 1e-6 to 1e6. */
const differenceBounds = oneTwoFive(-6, 6);

/** What a version did with one kind of requests. */
interface LaneSnapshot {
  /** That reached the version; those below are among them. */
  readonly requests: number;
  /** That do not fit what the version takes and gives: 400 or 501. */
  readonly refused: number;
  /** That the version failed at: 500. */
  readonly errors: number;
  /** Of the answered requests. */
  readonly rows: number;
  /** Of the answered requests, in milliseconds, without the reading and writing of HTTP. */
  readonly latency: HistogramSnapshot;
}

/** The counts at the top are of requests that the weights gave it. */
export interface VersionCountersSnapshot extends LaneSnapshot {
  /** When it was loaded, from which on it is counted. ISO 8601, UTC. */
  readonly since: string;
  /** Requests that named it in their URL, such as those that try it before it has traffic. */
  readonly named: LaneSnapshot;
  /** Copies of requests that another version answered. */
  readonly shadow: LaneSnapshot & {
    /** Copies that were not looked at, as too many waited. */
    readonly dropped: number;
    /** Rows whose answers could be compared. */
    readonly compared: number;
    /** Of those with a label, how many there are and how many have the same. */
    readonly labels: { readonly compared: number; readonly agreeing: number };
    /** |Δscore| of each compared row; of several classes the largest. */
    readonly scoreDifference: HistogramSnapshot;
  };
}

class LaneCounters {
  #requests = 0;
  #refused = 0;
  #errors = 0;
  #rows = 0;
  readonly #latency = new Histogram(latencyBounds);

  answered(rows: number, milliseconds: number): void {
    this.#requests += 1;
    this.#rows += rows;
    this.#latency.add(milliseconds);
  }

  refused(): void {
    this.#requests += 1;
    this.#refused += 1;
  }

  failed(): void {
    this.#requests += 1;
    this.#errors += 1;
  }

  snapshot(): LaneSnapshot {
    return {
      requests: this.#requests,
      refused: this.#refused,
      errors: this.#errors,
      rows: this.#rows,
      latency: this.#latency.snapshot(),
    };
  }
}

class ShadowCounters extends LaneCounters {
  #dropped = 0;
  #compared = 0;
  #labels = 0;
  #agreeing = 0;
  readonly #scoreDifference = new Histogram(differenceBounds);

  dropped(): void {
    this.#dropped += 1;
  }

  compared({ rows, agreeing, scoreDifferences }: Comparison): void {
    this.#compared += rows;
    if (agreeing !== undefined) {
      this.#labels += rows;
      this.#agreeing += agreeing;
    }
    for (const difference of scoreDifferences) this.#scoreDifference.add(difference);
  }

  override snapshot(): VersionCountersSnapshot['shadow'] {
    return {
      ...super.snapshot(),
      dropped: this.#dropped,
      compared: this.#compared,
      labels: { compared: this.#labels, agreeing: this.#agreeing },
      scoreDifference: this.#scoreDifference.snapshot(),
    };
  }
}

/** What a loaded version did since it was loaded. In memory only. */
export class VersionCounters {
  readonly routed = new LaneCounters();
  readonly named = new LaneCounters();
  readonly shadow = new ShadowCounters();
  readonly #since = new Date().toISOString();

  snapshot(): VersionCountersSnapshot {
    return {
      since: this.#since,
      ...this.routed.snapshot(),
      named: this.named.snapshot(),
      shadow: this.shadow.snapshot(),
    };
  }
}
/** Of any kind of requests. */
export type AnswerCounters = Pick<LaneCounters, 'answered' | 'refused' | 'failed'>;
