import { openWorkspaceRegistry } from '../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../rollout/read-mlops-config';
import { showStatus } from '../../rollout/status';
import type { Command } from '../command';
import { parseOptions } from '../parse-options';
import { workspaceRootOf } from '../workspace-root';

export const status: Command = {
  help: `nx-mlops status [options]

What every environment serves of every model, since when, by whom, and the rollouts under way. Needs the registry of
mlops.json and nothing else: it starts no Nx and reads no project.

  --model <name>     only this model, by its name in the registry; may be given several times
  --json             as JSON and nothing else
  --help             this text
`,

  async run(args) {
    const values = parseOptions('status', args, {
      model: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    });
    const workspaceRoot = workspaceRootOf(process.cwd());
    const mlops = await readMlopsConfig(workspaceRoot);
    const found = await showStatus({
      mlops,
      registry: openWorkspaceRegistry(mlops, workspaceRoot),
      models: values.model,
      print: (line) => {
        if (values.json !== true) console.log(line);
      },
    });
    if (values.json === true) console.log(JSON.stringify(found, null, 2));
    return found.broken.length === 0;
  },
};
