import { advanceAll } from '../../../rollout/advance-all';
import { openWorkspaceRegistry } from '../../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../../rollout/read-mlops-config';
import type { Command } from '../../command';
import { modelRequest } from '../../model-request';
import { parseOptions } from '../../parse-options';
import { workspaceRootOf } from '../../workspace-root';

export const advance: Command = {
  help: `nx-mlops ci advance

Takes every rollout under way as far as it goes now, of all models in all environments: the scheduled step of a pipeline.
As nx run <model>:advance for each, but it starts no Nx, and a model without a rollout is passed over. The exit code is 1
when a rollout ended without its candidate, or could not be judged.

  --help  this text
`,

  async run(args) {
    parseOptions('ci advance', args, {});
    const workspaceRoot = workspaceRootOf(process.cwd());
    const mlops = await readMlopsConfig(workspaceRoot);
    const print = (line: string) => console.log(line);
    return advanceAll({
      mlops,
      registry: openWorkspaceRegistry(mlops, workspaceRoot),
      print,
      requestOf: (model) => modelRequest(model, print),
    });
  },
};
