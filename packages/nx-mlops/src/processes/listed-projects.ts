import { MlopsError } from '@nx-mlops/core';
import { z } from 'zod';

/**
 * Names of the projects that `nx show projects --affected --json` printed; other lines may stand before the list.
 *
 * @throws MlopsError MLOPS_NX_FAILED when there is no list
 */
export function listedProjects(output: string): ReadonlySet<string> {
  const line = output.split('\n').findLast((text) => text.trim().startsWith('['));
  try {
    return new Set(z.array(z.string()).parse(JSON.parse(line ?? '')));
  } catch (error) {
    throw new MlopsError(
      'MLOPS_NX_FAILED',
      `nx show projects --affected --json printed no list of projects: ${output.slice(0, 300)}`,
      {},
      { cause: error },
    );
  }
}
