import { layout } from '@nx-mlops/core';
import { markedParts } from '../ci/lib/marked-parts';
import type { WrittenFile } from '../ci/generator';

/**
 * Why pipeline files are written anew, in a sentence or two for each.
 *
 * @param environments of mlops.json
 */
export function outOfSync(written: readonly WrittenFile[], environments: readonly string[]): string {
  return written
    .map(({ path, before }) => {
      if (before === undefined) return `${path} is missing.`;
      const known = environmentsIn(before);
      // A file without environments, such as the one that only includes ours.
      const added = known.length === 0 ? [] : environments.filter((name) => !known.includes(name));
      const removed = known.filter((name) => !environments.includes(name));
      const reasons = [
        ...(added.length === 0 ? [] : [`lacks ${added.join(', ')}`]),
        ...(removed.length === 0 ? [] : [`still has ${removed.join(', ')}`]),
      ];
      return reasons.length === 0
        ? `${path} is not as ${layout.mlopsConfig} and the workspace want it.`
        : `${path} ${reasons.join(' and ')}; the environments of ${layout.mlopsConfig} are ${environments.join(', ')}.`;
    })
    .join('\n');
}

/** Environments that our parts deploy or promote to. */
function environmentsIn(text: string): string[] {
  const bodies = markedParts(text).map(({ body }) => body);
  const found = bodies.flatMap((body) =>
    [...body.matchAll(/ (?:ci deploy --environment|--to)=([\w.-]+)/g)].map((match) => match[1] as string),
  );
  return [...new Set(found)];
}
