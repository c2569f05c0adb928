import { readMlopsConfig } from '../../rollout/read-mlops-config';
import { ok } from '../finding';
import type { Check } from '../surroundings';

const NAME = 'mlops.json';

/** Whether mlops.json can be read, with an error that says why not. */
export const mlopsConfigCheck: Check = {
  name: NAME,
  async run({ workspaceRoot }) {
    const { environments } = await readMlopsConfig(workspaceRoot);
    return [ok(NAME, `environments: ${environments.map(({ name }) => name).join(', ')}`)];
  },
};
