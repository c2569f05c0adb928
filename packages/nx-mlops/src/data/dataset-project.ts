/** A dataset's Nx project, as far as the stages need it. */
export interface DatasetProject {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Absolute. */
  readonly folder: string;
}

/** What a stage reports to and is stopped by. */
export interface StageIo {
  /** Prints one plain line. */
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A file of the dataset as errors name it: relative to the workspace. */
export function nameOfFile(project: DatasetProject, file: string): string {
  return project.root === '' || project.root === '.' ? file : `${project.root}/${file}`;
}
