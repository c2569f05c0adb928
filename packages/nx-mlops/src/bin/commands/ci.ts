import type { CommandGroup } from '../command';
import type * as baseModule from './ci/base';
import type * as collectModule from './ci/collect';
import type * as runModule from './ci/run';

/** What the jobs of a pipeline call, the same on every CI system and on a laptop. */
export const ci: CommandGroup = {
  help: `nx-mlops ci <command> [options]

  base     what the affected tasks are found by: the commits to compare
  collect  brings together what the jobs of a pipeline left
  run      runs the affected tasks, or one shard of them

nx-mlops ci <command> --help tells the options of a command.
`,
  commands: {
    /* eslint-disable @typescript-eslint/no-require-imports -- imports at the top would load all of them */
    base: () => (require('./ci/base') as typeof baseModule).base,
    collect: () => (require('./ci/collect') as typeof collectModule).collectCommand,
    run: () => (require('./ci/run') as typeof runModule).run,
    /* eslint-enable @typescript-eslint/no-require-imports */
  },
};
