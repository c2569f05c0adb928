export type { LocalSplit } from '../data/local-split';

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
