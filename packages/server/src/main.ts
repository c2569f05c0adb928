#!/usr/bin/env node
import { messageOf } from '@nx-mlops/core';
import { parseCommandLine, usage } from './command-line';
import { serve } from './serve';

/** Exit code for a command line that cannot be understood, as shells have it. */
const MISUSE = 2;

function main(): void {
  let command;
  try {
    command = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = MISUSE;
    return;
  }
  if (command === 'help') {
    process.stdout.write(usage);
    return;
  }
  serve(command, { workingFolder: process.cwd(), signals: process }).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });
}

main();
