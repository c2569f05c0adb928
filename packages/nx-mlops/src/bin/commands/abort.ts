import { abortRollout } from '../../rollout/abort';
import type { Command } from '../command';
import { modelRequest } from '../model-request';
import { parseModelOptions } from '../parse-options';

export const abort: Command = {
  help: `nx-mlops abort <model> [options]

Ends the rollout under way at once; what served before it goes on serving alone. As nx run <model>:abort, without Nx.

  --environment <name>  the only one with a rollout under way when left out
  --reason <text>       why, for the history
  --no-quarantine       the version may come back without being released
  --dry-run             only say what would be done
  --json                the result as JSON and nothing else
  --help                this text
`,

  async run(args) {
    const { model, values } = parseModelOptions('abort', args, {
      environment: { type: 'string' },
      reason: { type: 'string' },
      'no-quarantine': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const print = values.json === true ? () => undefined : (line: string) => console.log(line);
    const rollout = await abortRollout({
      ...(await modelRequest(model, print)),
      environment: values.environment,
      reason: values.reason,
      quarantine: values['no-quarantine'] === true ? false : undefined,
      dryRun: values['dry-run'],
    });
    if (values.json === true) console.log(JSON.stringify(rollout ?? null, null, 2));
    return true;
  },
};
