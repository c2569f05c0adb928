import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EnvironmentConfig } from '@nx-mlops/core';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { unreadConfig } from '../unread-config';
import type { Check } from '../surroundings';

const NAME = 'traffic feed';
const FILE = 'file:';

/** Whether the traffic that a strategy judges is counted somewhere. */
export const trafficCheck: Check = {
  name: NAME,
  async run({ mlops, workspaceRoot }) {
    if (mlops === undefined) return [unreadConfig(NAME)];
    const judging = mlops.environments.filter(({ strategy, traffic }) =>
      strategy.type === 'direct' ? false : needsTraffic(strategy) || traffic !== undefined,
    );
    if (judging.length === 0) return [skipped(NAME, 'no strategy judges traffic')];
    return Promise.all(judging.map((environment) => judgeFeed(environment, workspaceRoot)));
  },
};

/** A rollout with such steps is refused where nothing counts. */
function needsTraffic(strategy: EnvironmentConfig['strategy']): boolean {
  if (strategy.type !== 'canary') return strategy.type === 'a-b' || strategy.type === 'shadow';
  return strategy.steps?.some((step) => 'weight' in step || 'shadow' in step) ?? true;
}

async function judgeFeed(
  { name, strategy, traffic }: EnvironmentConfig,
  workspaceRoot: string,
): Promise<Finding> {
  if (traffic === undefined) {
    return problem(
      NAME,
      `the ${strategy.type} of "${name}" judges live traffic, and nothing says where it is counted`,
      'Add "traffic": "file:<path>" to the environment (docs/rollout-analysis.md), or take another strategy, such as blue-green.',
    );
  }
  const path = resolve(workspaceRoot, traffic.slice(FILE.length));
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return ok(NAME, `"${name}": ${traffic}`);
  return warning(
    NAME,
    `${traffic} of "${name}" is not on this machine`,
    'Where advance and watch run, it must be: share the folder that the server writes to, or fetch the file before. Until it is there a rollout holds.',
  );
}
