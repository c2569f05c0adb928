#!/usr/bin/env node
import { MlopsError, suggestion } from '@nx-mlops/core';
import type { Command, CommandGroup } from './command';
import type * as abortModule from './commands/abort';
import type * as cacheServerModule from './commands/cache-server';
import type * as ciModule from './commands/ci';
import type * as doctorModule from './commands/doctor';
import type * as gcModule from './commands/gc';
import type * as historyModule from './commands/history';
import type * as reportModule from './commands/report';
import type * as rollbackModule from './commands/rollback';
import type * as statusModule from './commands/status';

/** Each is loaded only when it is asked for: one needs DuckDB, another Nx. */
const commands: CommandGroup['commands'] = {
  /* eslint-disable @typescript-eslint/no-require-imports -- imports at the top would load all of them */
  abort: () => (require('./commands/abort') as typeof abortModule).abort,
  'cache-server': () => (require('./commands/cache-server') as typeof cacheServerModule).cacheServer,
  ci: () => (require('./commands/ci') as typeof ciModule).ci,
  doctor: () => (require('./commands/doctor') as typeof doctorModule).doctor,
  gc: () => (require('./commands/gc') as typeof gcModule).gc,
  history: () => (require('./commands/history') as typeof historyModule).history,
  report: () => (require('./commands/report') as typeof reportModule).report,
  rollback: () => (require('./commands/rollback') as typeof rollbackModule).rollback,
  status: () => (require('./commands/status') as typeof statusModule).status,
  /* eslint-enable @typescript-eslint/no-require-imports */
};

const help = `nx-mlops <command> [options]

  abort         ends the rollout of a model that is under way
  cache-server  a remote cache for Nx that pull requests cannot poison
  ci            what the jobs of a pipeline call: plan, run, deploy, promote and others
  doctor        what is wrong with this machine or workspace, and how to mend it
  gc            removes data, or versions, that nothing needs any more
  history       what happened to a model, by whom, when and why
  report        one comment on the pull request for all affected models
  rollback      goes back to the last sound version of a model
  status        what every environment serves of every model

nx-mlops <command> --help tells the options of a command.
`;

async function main(args: readonly string[]): Promise<boolean> {
  return runCommand({ help, commands }, args, []);
}

/** @param path names of the commands that led here, such as `["ci"]` */
async function runCommand(
  command: Command | CommandGroup,
  args: readonly string[],
  path: readonly string[],
): Promise<boolean> {
  if ('run' in command) {
    if (!args.some(isHelp)) return command.run(args);
    console.log(command.help);
    return true;
  }
  const [name, ...rest] = args;
  if (name === undefined || isHelp(name)) {
    console.log(command.help);
    return true;
  }
  const load = Object.hasOwn(command.commands, name) ? command.commands[name] : undefined;
  if (load === undefined) {
    const known = Object.keys(command.commands);
    const wanted = [...path, name].join(' ');
    throw new MlopsError('MLOPS_USAGE', `There is no command "${wanted}".${suggestion(name, known)}`);
  }
  return runCommand(load(), rest, [...path, name]);
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

main(process.argv.slice(2)).then(
  (isGood) => {
    if (!isGood) process.exitCode = 1;
  },
  (error: unknown) => {
    console.error(error instanceof MlopsError ? `\n${error.code} ${error.message}` : error);
    process.exitCode = 1;
  },
);
