import {
  MlopsError,
  prunableVersions,
  type KeepPolicy,
  type MlopsConfig,
  type Registry,
} from '@nx-mlops/core';
import { formatBytes, plural } from '../reporting/format';
import { textTable } from '../reporting/table';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Versions that were registered last and are kept, served or not: somebody may be about to deploy them. */
const NEWEST = 3;

export interface GcRegistryRequest {
  readonly mlops: MlopsConfig;
  readonly registry: Registry;
  readonly actor: string;
  readonly print: (line: string) => void;
  /** Younger bytes stay. */
  readonly keepDays: number;
  readonly dryRun?: boolean;
}

/**
 * Removes the bytes of versions that no environment serves or would go back to (`keep` in mlops.json). Their records and
 * the history stay, and tell that they are gone.
 *
 * @returns by model, the versions that went
 * @throws MlopsError MLOPS_GC_REGISTRY when the history of a model cannot be read: nothing is removed then, for what it
 *   names is not known
 */
export async function gcRegistry(request: GcRegistryRequest): Promise<Readonly<Record<string, number[]>>> {
  const { mlops, registry, actor, print, keepDays, dryRun = false } = request;
  const policy: KeepPolicy = {
    served: Object.fromEntries(mlops.environments.map(({ name, keep }) => [name, keep])),
    newest: NEWEST,
  };
  const models = await registry.listModels();
  const planned: Record<string, number[]> = {};
  for (const model of models) {
    const state = await registry.state(model).catch((error: unknown) => {
      throw new MlopsError(
        'MLOPS_GC_REGISTRY',
        `the history of "${model}" cannot be read, so nothing is removed: ${error instanceof Error ? error.message : String(error)}`,
        {},
        { cause: error },
      );
    });
    const versions = prunableVersions(state, policy);
    if (versions.length > 0) planned[model] = versions;
  }
  const reason = `gc: keeps the ${NEWEST} newest and what environments keep`;
  const removed: Record<string, number[]> = {};
  if (!dryRun) {
    for (const model of Object.keys(planned))
      removed[model] = await registry.prune({ model, policy, actor, reason });
  }
  const result = dryRun ? planned : removed;
  const { blobs, bytes } = await registry.sweep({ grace: keepDays * DAY_MS, dryRun });
  if (Object.keys(result).length > 0) {
    textTable({
      header: ['model', 'versions without bytes'],
      rows: Object.entries(result).map(([model, versions]) => [model, versions.join(', ')]),
    }).forEach(print);
  }
  print(
    dryRun
      ? `Nothing was removed (--dry-run). ${plural(blobs, 'file')} that nothing names would go now (${formatBytes(bytes)}), those of the versions above with them.`
      : `Removed ${plural(blobs, 'file')} (${formatBytes(bytes)}) from ${registry.description}.`,
  );
  return result;
}
