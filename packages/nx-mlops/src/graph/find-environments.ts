import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from './digest';
import type { CachedEnvironments } from './graph-cache';
import { inference } from './load-inference';
import { messageOf } from './message-of';
import type { ResolvedOptions } from './plugin-options';

export interface FoundEnvironments {
  readonly environments: readonly string[];
  /** For the cache; absent when nothing was parsed. */
  readonly cached?: CachedEnvironments;
  readonly problem?: string;
}

/** The environments of the options, else of mlops.json. Without either there are none, and the projects stay. */
export function findEnvironments(
  workspaceRoot: string,
  options: ResolvedOptions,
  cached: CachedEnvironments | undefined,
): FoundEnvironments {
  if (options.environments !== undefined) return { environments: options.environments };
  const file = join(workspaceRoot, 'mlops.json');
  if (!existsSync(file)) {
    return {
      environments: [],
      problem:
        'mlops.json: is not there, so models cannot be deployed. Run nx g nx-mlops:init, which writes it.',
    };
  }
  try {
    const text = readFileSync(file, 'utf8');
    const digest = digestOf(text);
    const found =
      cached?.digest === digest ? cached : { digest, environments: inference().parseEnvironments(text) };
    return { environments: found.environments, cached: found };
  } catch (error) {
    return { environments: [], problem: messageOf(error) };
  }
}
