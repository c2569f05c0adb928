import type { TrafficWindow } from './traffic-window';

/** Where the counters of live traffic come from. */
export interface TrafficFeed {
  /** Names the feed in what is printed. */
  readonly description: string;
  /**
   * What was counted between two moments; without a line of a version, no entry for it.
   *
   * @throws MlopsError MLOPS_TRAFFIC_BROKEN and of the feed's own, when it cannot be read whole
   */
  read(query: {
    /** As the registry names it. */
    readonly model: string;
    readonly environment: string;
    /** ISO 8601, UTC. */
    readonly since: string;
    readonly until: string;
    /** Version numbers; others are left out. */
    readonly versions: readonly number[];
  }): Promise<TrafficWindow>;
}
