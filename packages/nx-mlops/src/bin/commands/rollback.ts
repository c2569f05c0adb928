import { rollbackModel } from '../../rollout/rollback';
import type { Command } from '../command';
import { modelRequest } from '../model-request';
import { numberOption, parseModelOptions } from '../parse-options';

export const rollback: Command = {
  help: `nx-mlops rollback <model> [options]

Aborts the rollout under way, else returns an environment to the last sound version that it served; what is left is
blocked there. As nx run <model>:rollback, but it starts no Nx and reads no project, so it works when those do not.

  --environment <name>  the last of mlops.json that serves the model when left out
  --reason <text>       why, for the history
  --to <number>         a version that served there, by its number
  --force               also to one that takes or gives other columns, or fails its verification
  --dry-run             only say what would be done
  --json                the result as JSON and nothing else
  --help                this text
`,

  async run(args) {
    const { model, values } = parseModelOptions('rollback', args, {
      environment: { type: 'string' },
      reason: { type: 'string' },
      to: { type: 'string' },
      force: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const print = values.json === true ? () => undefined : (line: string) => console.log(line);
    const result = await rollbackModel({
      ...(await modelRequest(model, print)),
      environment: values.environment,
      reason: values.reason,
      to: values.to === undefined ? undefined : numberOption('to', values.to),
      force: values.force,
      dryRun: values['dry-run'],
    });
    if (values.json === true) console.log(JSON.stringify(result ?? null, null, 2));
    return true;
  },
};
