import type {
  EnvironmentConfig,
  Evidence,
  MlopsConfig,
  Registry,
  Rollout,
  VersionRecord,
} from '@nx-mlops/core';
import type { ProjectFolder } from '../training/project-folder';
import type { Target } from './targets/target';

/** What every command on the registry needs. */
export interface RolloutRequest {
  readonly project: ProjectFolder;
  readonly mlops: MlopsConfig;
  readonly registry: Registry;
  /** Who does it, for the history. */
  readonly actor: string;
  readonly print: (line: string) => void;
  /** Why, for the history. */
  readonly reason?: string;
  /** Only say what would be done. */
  readonly dryRun?: boolean;
}

/** What somebody who looked came to; the event that rests on it holds `evidence`, the registry keeps `report`. */
export interface Finding {
  readonly evidence: Evidence;
  /** That it is inconclusive and will stay so. */
  readonly isOver?: boolean;
  /** Everything that was seen, as JSON. */
  readonly report?: unknown;
}

/** What a rollout stands on besides the registry: who judges it and what serves. */
export interface RolloutTools {
  /** Before any traffic. */
  readonly verify: (version: VersionRecord, environment: EnvironmentConfig) => Promise<Finding>;
  /** Of the step under way. */
  readonly analyse: (
    model: string,
    rollout: Rollout,
    environment: EnvironmentConfig,
    now: Date,
  ) => Promise<Finding>;
  readonly targetOf: (environment: EnvironmentConfig) => Target;
  readonly now: () => Date;
}

/** A command that moves traffic. */
export interface TrafficRequest extends RolloutRequest {
  readonly tools: RolloutTools;
}
