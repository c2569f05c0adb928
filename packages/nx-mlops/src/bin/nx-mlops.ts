#!/usr/bin/env node
import { MlopsError, suggestion } from '@nx-mlops/core';
import type { Command } from './command';
import type * as abortModule from './commands/abort';
import type * as cacheServerModule from './commands/cache-server';
import type * as doctorModule from './commands/doctor';
import type * as gcModule from './commands/gc';
import type * as historyModule from './commands/history';
import type * as reportModule from './commands/report';
import type * as rollbackModule from './commands/rollback';
import type * as statusModule from './commands/status';

/** Each is loaded only when it is asked for: one needs DuckDB, another Nx. */
const commands: Readonly<Record<string, () => Command>> = {
  /* eslint-disable @typescript-eslint/no-require-imports -- imports at the top would load all of them */
  abort: () => (require('./commands/abort') as typeof abortModule).abort,
  'cache-server': () => (require('./commands/cache-server') as typeof cacheServerModule).cacheServer,
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
  doctor        what is wrong with this machine or workspace, and how to mend it
  gc            removes data, or versions, that nothing needs any more
  history       what happened to a model, by whom, when and why
  report        one comment on the pull request for all affected models
  rollback      goes back to the last sound version of a model
  status        what every environment serves of every model

nx-mlops <command> --help tells the options of a command.
`;

async function main([name, ...args]: readonly string[]): Promise<boolean> {
  if (name === undefined || isHelp(name)) {
    console.log(help);
    return true;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    const known = Object.keys(commands);
    throw new MlopsError('MLOPS_USAGE', `There is no command "${name}".${suggestion(name, known)}`);
  }
  const command = load();
  if (args.some(isHelp)) {
    console.log(command.help);
    return true;
  }
  return command.run(args);
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
