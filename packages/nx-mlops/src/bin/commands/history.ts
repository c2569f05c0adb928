import { showHistory } from '../../rollout/history';
import type { Command } from '../command';
import { modelRequest } from '../model-request';
import { parseModelOptions } from '../parse-options';

export const history: Command = {
  help: `nx-mlops history <model> [options]

What happened to a model, by whom, when and why, and what each environment serves. As nx run <model>:history, without Nx.

  --environment <name>  only this one
  --at <time>           only up to then, and what served then: 2026-11-05, or 2026-11-05T12:30, in UTC
  --json                the events as JSON and nothing else
  --help                this text
`,

  async run(args) {
    const { model, values } = parseModelOptions('history', args, {
      environment: { type: 'string' },
      at: { type: 'string' },
      json: { type: 'boolean' },
    });
    await showHistory({
      ...(await modelRequest(model, (line) => console.log(line))),
      environment: values.environment,
      at: values.at,
      json: values.json,
    });
    return true;
  },
};
