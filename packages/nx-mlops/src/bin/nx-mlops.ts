#!/usr/bin/env node
import { MlopsError, suggestion } from '@nx-mlops/core';
import type { Command } from './command';

/** Each is loaded only when it is asked for: one needs DuckDB, another Nx. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  gc: async () => (await import('./commands/gc.js')).gc,
  report: async () => (await import('./commands/report.js')).report,
};

const help = `nx-mlops <command> [options]

  gc       removes data that no branch needs any more
  report   one comment on the pull request for all affected models

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
  const command = await load();
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
