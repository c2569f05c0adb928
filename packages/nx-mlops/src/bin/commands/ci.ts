import type { CommandGroup } from '../command';
import type * as advanceModule from './ci/advance';

/** What the jobs of a pipeline call, the same on every CI system and on a laptop. */
export const ci: CommandGroup = {
  help: `nx-mlops ci <command> [options]

  advance  takes every rollout under way as far as it goes now

nx-mlops ci <command> --help tells the options of a command.
`,
  commands: {
    /* eslint-disable @typescript-eslint/no-require-imports -- imports at the top would load all of them */
    advance: () => (require('./ci/advance') as typeof advanceModule).advance,
    /* eslint-enable @typescript-eslint/no-require-imports */
  },
};
