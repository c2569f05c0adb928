import { describePlan } from '../../../ci/plan/describe-plan';
import { planCheck } from '../../../ci/plan/plan-check';
import { writePlan } from '../../../ci/plan/write-plan';
import type { Command } from '../../command';
import { listOption, parseOptions } from '../../parse-options';
import { ciRequest } from './ci-request';

export const plan: Command = {
  help: `nx-mlops ci plan [options]

Spreads the affected projects over the agents of mlops.json, by how long their tasks took before, and writes
.mlops/ci/plan.json, which nx-mlops ci run --shard=<name> goes by. On GitHub Actions it sets the outputs matrix, with the
shards that have work, and any.

  --targets <a,b>   what a check runs; ci.targets of mlops.json when left out
  --base <commit>   affected since this commit; as nx-mlops ci base finds it when left out
  --head <commit>   up to this commit
  --all             everything
  --help            this text
`,

  async run(args) {
    const values = parseOptions('ci plan', args, {
      targets: { type: 'string' },
      base: { type: 'string' },
      head: { type: 'string' },
      all: { type: 'boolean' },
    });
    const request = await ciRequest();
    const { workspaceRoot, ci, nx, print } = request;
    const { all, ...range } = await request.range(values);
    const plan = await planCheck({
      range,
      all,
      targets: listOption(values.targets) ?? ci.targets,
      agents: ci,
      durations: await request.durations(),
      runNx: nx,
      print,
    });
    await writePlan(plan, { workspaceRoot, env: process.env });
    describePlan(plan).forEach(print);
    return true;
  },
};
