import type { ModelState, VersionRecord } from '@nx-mlops/core';

/** What the server asks of a registry; `openRegistry` of @nx-mlops/core gives one. */
export interface RegistryReader {
  /** Registered models, by the names that URLs use. */
  listModels(): Promise<readonly string[]>;
  state(model: string): Promise<Pick<ModelState, 'deployments' | 'active'>>;
  readVersion(model: string, version: number): Promise<VersionRecord>;
  /** Local path of one of the version's files, its digest checked. */
  fetchFile(version: VersionRecord, name: string): Promise<string>;
}
