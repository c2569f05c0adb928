import { collect } from '../../../ci/collect/collect';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { sizeOption } from '../../size-option';
import { workspaceRootOf } from '../../workspace-root';
import { readCiSettings, stopSignal } from './ci-settings';

const DEFAULT_MAX_CACHE_SIZE = '4GB';

export const collectCommand: Command = {
  help: `nx-mlops ci collect [options]

Brings together what the jobs of a pipeline left in .mlops/ci/out: results into the projects, cache entries into
.mlops/ci/cache, what Nx did into .mlops/ci/run.json, for nx-mlops report --run-file. Only of jobs of this commit that are
whole.

  --save                   note in .mlops/ci/state.json how long tasks took, for the next plan
  --green                  note there that the pipeline of this commit was green, for the next base; --save is implied
  --max-cache-size <size>  of .mlops/ci/cache; the longest unused go (default ${DEFAULT_MAX_CACHE_SIZE})
  --help                   this text
`,

  async run(args) {
    const values = parseOptions('ci collect', args, {
      save: { type: 'boolean', default: false },
      green: { type: 'boolean', default: false },
      'max-cache-size': { type: 'string', default: DEFAULT_MAX_CACHE_SIZE },
    });
    const maxCacheBytes = sizeOption('max-cache-size', values['max-cache-size']);
    const workspaceRoot = workspaceRootOf(process.cwd());
    const { results } = await readCiSettings(workspaceRoot);
    await collect({
      ...{ workspaceRoot, results, maxCacheBytes, save: values.save, green: values.green },
      env: process.env,
      signal: stopSignal(),
      print: (line) => console.log(line),
    });
    return true;
  },
};
