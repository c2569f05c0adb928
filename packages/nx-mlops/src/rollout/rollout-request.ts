import type { MlopsConfig, Registry } from '@nx-mlops/core';
import type { ProjectFolder } from '../training/project-folder';

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
