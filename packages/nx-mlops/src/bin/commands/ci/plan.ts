import { ciConfigSchema, ciProviders } from '@nx-mlops/core';
import { EMPTY_TREE } from '../../../ci/base/empty-tree';
import { resolveBase } from '../../../ci/base/resolve-base';
import { describePlan } from '../../../ci/plan/describe-plan';
import { planCheck } from '../../../ci/plan/plan-check';
import { writePlan } from '../../../ci/plan/write-plan';
import { readState } from '../../../ci/state';
import { workspaceNx } from '../../../processes/workspace-nx';
import { readMlopsConfig } from '../../../rollout/read-mlops-config';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { workspaceRootOf } from '../../workspace-root';
import { baseHelp, baseOptions, defaultBranchOf, namesIn, stopSignal } from './ci-settings';

export const plan: Command = {
  help: `nx-mlops ci plan [options]

Spreads the affected projects over the agents of mlops.json, by how long their tasks took before, and writes
.mlops/ci/plan.json, which nx-mlops ci run --shard=<name> goes by. On GitHub Actions it sets the outputs matrix, with the
shards that have work, and any. See docs/ci-spreading.md.

  --targets <a,b>           what a check runs (default "ci.targets" of mlops.json)
${baseHelp}
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci plan', args, { ...baseOptions, targets: { type: 'string' } });
    const workspaceRoot = workspaceRootOf(process.cwd());
    const mlops = await readMlopsConfig(workspaceRoot);
    const ci = mlops.ci ?? ciConfigSchema.parse({ providers: ciProviders });
    const { env } = process;
    const signal = stopSignal();
    const print = (line: string) => console.log(line);
    const { base, head, reason } = await resolveBase({
      ...{ workspaceRoot, env, signal, print },
      ...{ base: values.base, head: values.head, all: values.all },
      defaultBranch: defaultBranchOf(workspaceRoot),
    });
    print(reason);
    const { durations } = await readState(workspaceRoot, print);
    const plan = await planCheck({
      range: { base, head },
      all: base === EMPTY_TREE,
      targets: namesIn(values.targets) ?? ci.targets,
      agents: ci,
      durations: new Map(Object.entries(durations)),
      runNx: workspaceNx(workspaceRoot, signal),
      print,
    });
    await writePlan(plan, { workspaceRoot, env });
    describePlan(plan).forEach(print);
    return true;
  },
};
