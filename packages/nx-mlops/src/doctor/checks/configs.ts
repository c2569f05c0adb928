import { ok, problem, skipped } from '../finding';
import { readProjectConfigs } from '../project-configs';
import type { Check } from '../surroundings';

const NAME = 'configs';

/** Whether the configs of models and datasets can be read. */
export const configsCheck: Check = {
  name: NAME,
  async run({ workspaceRoot }) {
    const configs = await readProjectConfigs(workspaceRoot);
    if (configs.length === 0) return [skipped(NAME, 'there is no model and no dataset yet')];
    const broken = configs.flatMap(({ error }) =>
      error === undefined ? [] : [problem(NAME, error.message)],
    );
    return broken.length > 0 ? broken : [ok(NAME, `${configs.length} of models and datasets`)];
  },
};
