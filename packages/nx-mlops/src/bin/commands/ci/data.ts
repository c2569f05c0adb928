import { resolveBase } from '../../../ci/base/resolve-base';
import { checkData } from '../../../ci/data/check-data';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { workspaceRootOf } from '../../workspace-root';
import { jobSettings, runManyJob, targetsOf } from './ci-delivery';
import { stopSignal } from './ci-settings';

export const data: Command = {
  help: `nx-mlops ci data

Looks whether the sources of the datasets have other data by now: locks all of them anew and validates them. Says which
changed, and leaves the changed locks as .mlops/ci/data.patch. Exits with 1 when one cannot be locked or is not valid. For a
scheduled job; see docs/ci-delivery.md.

  --help                    this text
`,

  async run(args) {
    parseOptions('ci data', args, {});
    const workspaceRoot = workspaceRootOf(process.cwd());
    const settings = await jobSettings(workspaceRoot, stopSignal());
    const projects = await settings.readProjects({});
    const { base, head } = await resolveBase({ ...settings, base: undefined, head: undefined, all: true });
    return checkData({
      workspaceRoot,
      datasets: [...projects.values()].filter(({ targets }) => targets['lock'] !== undefined),
      lockTargets: targetsOf(projects, 'lock'),
      validateTargets: targetsOf(projects, 'validate'),
      runMany: (run) => runManyJob(settings, { base, head }, run),
      print: settings.print,
    });
  },
};
