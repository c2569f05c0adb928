import { MlopsError } from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ciFolder } from '../ci-folder';
import { planSchema, type Plan, type Shard } from '../plan-file';

/** @throws MlopsError MLOPS_CI_PLAN */
export async function readPlan(workspaceRoot: string): Promise<Plan> {
  try {
    return planSchema.parse(JSON.parse(await readFile(join(workspaceRoot, ciFolder.plan), 'utf8')));
  } catch (error) {
    throw new MlopsError(
      'MLOPS_CI_PLAN',
      'is not there or cannot be understood. Run nx-mlops ci plan first, and fetch its artifact in this job.',
      { file: ciFolder.plan },
      { cause: error },
    );
  }
}

/** What a shard leaves to the others, so that `nx affected --exclude` runs it alone. Undefined for a shard without work. */
export function excludedOf(
  plan: { readonly shards: readonly Pick<Shard, 'name' | 'projects'>[] },
  shard: string,
): readonly string[] | undefined {
  const own = new Set(plan.shards.find(({ name }) => name === shard)?.projects ?? []);
  if (own.size === 0) return undefined;
  const others = plan.shards.flatMap(({ projects }) => projects).filter((project) => !own.has(project));
  return [...new Set(others)].sort();
}
