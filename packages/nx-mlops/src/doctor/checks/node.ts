import { ok, problem, type Finding } from '../finding';
import { readOwnPackage } from '../own-package';
import type { Check } from '../surroundings';
import { isInRange } from '../version-range';

/** Whether this Node is one that the packages are made for. */
export const nodeCheck: Check = {
  name: 'Node',
  run: () => Promise.resolve([judgeNode(process.versions.node)]),
};

export function judgeNode(version: string): Finding {
  const wanted = readOwnPackage().engines.node;
  if (isInRange(version, wanted)) return ok('Node', version);
  return problem(
    'Node',
    `${version}, and nx-mlops needs ${wanted}`,
    'Install a newer Node; in CI, say which to the step or image that sets it up.',
  );
}
