import type { SplitManifest } from '@nx-mlops/core';

/** A split whose bytes are on this machine. */
export interface LocalSplit {
  readonly manifest: SplitManifest;
  /** Absolute path of the Parquet file. Read only. */
  readonly path: string;
}
