import type { CommandGroup } from '../command';

/** What the jobs of a pipeline call, the same on every CI system and on a laptop. */
export const ci: CommandGroup = {
  help: `nx-mlops ci <command> [options]

nx-mlops ci <command> --help tells the options of a command.
`,
  commands: {},
};
