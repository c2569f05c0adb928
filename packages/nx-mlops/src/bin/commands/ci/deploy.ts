import { deployAffected } from '../../../ci/deliver/deploy-affected';
import { resolveBase } from '../../../ci/base/resolve-base';
import { runNxAffected } from '../../../ci/run/run-affected';
import { environmentNamed } from '../../../rollout/environments';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { ciDelivery, jobSettings, targetsOf } from './ci-delivery';
import { baseHelp, baseOptions } from './ci-settings';

/** What projects that are no models may call their deployment, too. */
const DEPLOY = 'deploy';

export const deploy: Command = {
  help: `nx-mlops ci deploy [options]

Runs nx affected -t deploy --configuration=<environment> through the cache of the pipeline, and writes which version the
environment serves of each affected model, or is about to, into .mlops/ci/out/deploy-<environment>/deployed.json. Smoke and
promote of later jobs go by it. The exit code is that of nx. See docs/ci-delivery.md.

  --environment <name>      (default the first one of mlops.json)
${baseHelp}
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci deploy', args, { ...baseOptions, environment: { type: 'string' } });
    const { workspaceRoot, mlops, registry, commit, signal, print } = await ciDelivery();
    const environment = environmentNamed(mlops, values.environment);
    const settings = await jobSettings(workspaceRoot, signal);
    const { base, head, later, reason } = await resolveBase({
      ...settings,
      ...{ base: values.base, head: values.head, all: values.all },
    });
    print(reason);
    const projects = await settings.readProjects({});
    const deployTargets = targetsOf(projects, DEPLOY);
    // Exactly that of nx, which may be another than 1.
    process.exitCode = await deployAffected({
      ...{ workspaceRoot, environment, commit, later, registry, print, env: process.env },
      targets: deployTargets.length === 0 ? [DEPLOY] : deployTargets,
      models: new Set([...projects.values()].filter((each) => each.targets[DEPLOY]).map(({ name }) => name)),
      runAffected: ({ targets, ...run }) => runNxAffected({ ...settings, ...run }, { base, head, targets }),
    });
    return true;
  },
};
