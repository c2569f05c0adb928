/** Files that a gc removes, or would. */
export interface Removal {
  /** Such as `local store` or `remote: blobs`. */
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
}

export interface GcOptions {
  /** Names of branches and tags whose locks count; all when left out. */
  readonly branches?: readonly string[];
  /** Whether the remote is cleaned, too. */
  readonly remote?: boolean;
  /** Only says what would go. */
  readonly dryRun?: boolean;
  /** What is younger stays, so that running work loses nothing. */
  readonly keepDays?: number;
}
