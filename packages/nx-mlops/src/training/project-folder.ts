import type { SplitManifest } from '@nx-mlops/core';

/** A project as a stage sees it: a name and a folder. */
export interface ProjectFolder {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Absolute. */
  readonly folder: string;
}

/** A split whose bytes are on this machine. */
export interface LocalSplit {
  readonly manifest: SplitManifest;
  /** Absolute path of the Parquet file. Read only. */
  readonly path: string;
}
