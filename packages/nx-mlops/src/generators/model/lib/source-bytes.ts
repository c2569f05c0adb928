import type { Tree } from '@nx/devkit';
import { datasetLockSchema, layout } from '@nx-mlops/core';

/** Size of a dataset's raw data as its lock tells it; undefined where there is no whole lock yet. */
export function sourceBytes(tree: Tree, datasetRoot: string): number | undefined {
  const lock = datasetLockSchema.safeParse(
    parseJson(tree.read(`${datasetRoot}/${layout.datasetLock}`, 'utf-8')),
  );
  if (!lock.success) return undefined;
  return Object.values(lock.data.sources)
    .flatMap(({ files }) => files)
    .reduce((sum, { size }) => sum + size, 0);
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
