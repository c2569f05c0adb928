#!/usr/bin/env node
import { messageOf } from '@nx-mlops/core';
import { parseCommandLine, usage } from './command-line';
import type { Logger } from './logger';
import { serve } from './serve';

/** Exit code for a command line that cannot be understood, as shells have it. */
const MISUSE = 2;

const logger: Logger = {
  info: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
};

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
  serve(command, { workingFolder: process.cwd(), signals: process, logger }).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });
}

main();
