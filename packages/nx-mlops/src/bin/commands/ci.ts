import type { CommandGroup } from '../command';
import type * as baseModule from './ci/base';
import type * as collectModule from './ci/collect';
import type * as dataModule from './ci/data';
import type * as deployModule from './ci/deploy';
import type * as planModule from './ci/plan';
import type * as promoteModule from './ci/promote';
import type * as runModule from './ci/run';
import type * as smokeModule from './ci/smoke';

/** What the jobs of a pipeline call, the same on every CI system and on a laptop. */
export const ci: CommandGroup = {
  help: `nx-mlops ci <command> [options]

  base     what the affected tasks are found by: the commits to compare
  collect  brings together what the jobs of a pipeline left
  data     whether the sources of the datasets have other data by now
  deploy   deploys the affected models to an environment
  plan     spreads the affected tasks over agents
  promote  brings what was deployed into the next environment
  run      runs the affected tasks, or one shard of them
  smoke    tries what was deployed

nx-mlops ci <command> --help tells the options of a command.
`,
  commands: {
    /* eslint-disable @typescript-eslint/no-require-imports -- imports at the top would load all of them */
    base: () => (require('./ci/base') as typeof baseModule).base,
    collect: () => (require('./ci/collect') as typeof collectModule).collectCommand,
    data: () => (require('./ci/data') as typeof dataModule).data,
    deploy: () => (require('./ci/deploy') as typeof deployModule).deploy,
    plan: () => (require('./ci/plan') as typeof planModule).plan,
    promote: () => (require('./ci/promote') as typeof promoteModule).promote,
    run: () => (require('./ci/run') as typeof runModule).run,
    smoke: () => (require('./ci/smoke') as typeof smokeModule).smoke,
    /* eslint-enable @typescript-eslint/no-require-imports */
  },
};
