import { runAffected } from '../../../ci/run/run-affected';
import { nxCacheFolder } from '../../../executors/nx-cache-folder';
import { readProjects } from '../../../executors/report/nx-projects';
import { workspaceNx } from '../../../processes/workspace-nx';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { sizeOption } from '../../size-option';
import { workspaceRootOf } from '../../workspace-root';
import { baseHelp, baseOptions, namesIn, readCiSettings, stopSignal } from './ci-settings';

const DEFAULT_MAX_CACHE_SIZE = '4GB';

export const run: Command = {
  help: `nx-mlops ci run [options]

Runs the affected tasks by nx affected, or one shard of .mlops/ci/plan.json, and leaves in .mlops/ci/out/<job> what other
jobs need of it: what Nx did, small result files, and the cache entries. The exit code is that of nx. Entries come from and
go to .mlops/ci/cache, unless Nx Cloud is set up or NX_SELF_HOSTED_REMOTE_CACHE_SERVER names a server that answers. See
docs/ci-commands.md.

  --shard <name>            of the plan
  --job <name>              of the folder (default the shard, else check)
  --targets <a,b>           (default those of the plan, else "ci.targets" of mlops.json)
  --configuration <name>    of the targets
  --max-cache-size <size>   of .mlops/ci/cache; the longest unused go (default ${DEFAULT_MAX_CACHE_SIZE})
${baseHelp}
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci run', args, {
      ...baseOptions,
      shard: { type: 'string' },
      job: { type: 'string' },
      targets: { type: 'string' },
      configuration: { type: 'string' },
      'max-cache-size': { type: 'string', default: DEFAULT_MAX_CACHE_SIZE },
    });
    const maxCacheBytes = sizeOption('max-cache-size', values['max-cache-size']);
    const workspaceRoot = workspaceRootOf(process.cwd());
    const settings = await readCiSettings(workspaceRoot);
    const signal = stopSignal();
    const { base, head, all, shard, job, configuration } = values;
    // Exactly that of nx, which may be another than 1.
    process.exitCode = await runAffected({
      ...{ workspaceRoot, base, head, all, shard, job, configuration, maxCacheBytes, signal, nxCacheFolder },
      defaultBranch: settings.defaultBranch,
      results: settings.results,
      targets: namesIn(values.targets),
      defaultTargets: settings.targets,
      env: process.env,
      readProjects: (env) => readProjects(workspaceNx(workspaceRoot, signal, env)),
      print: (line) => console.log(line),
    });
    return true;
  },
};
