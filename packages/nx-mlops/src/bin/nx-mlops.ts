#!/usr/bin/env node
import { layout, messageOf, MlopsError } from '@nx-mlops/core';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { collectGarbage, KEEP_DAYS } from '../data/gc/collect-garbage';

const help = `nx-mlops gc [options]

Removes data that no branch needs any more from the local store, and with --remote from the remote of mlops.json.
Kept is what the locks at the tips of the branches name, the locks and manifests of the working tree, what the registry
names, and what is young.

  --branch <name>    a branch or tag whose locks count; may be given several times. All branches and tags that this
                     clone knows, those of its remotes too, when left out
  --remote           clean the remote, too
  --dry-run          only say what would be removed
  --keep-days <n>    keep what is younger (default ${KEEP_DAYS})
  --help             this text
`;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help === true || positionals.length === 0) {
    console.log(help);
    return;
  }
  if (positionals.length > 1 || positionals[0] !== 'gc') {
    throw new MlopsError('MLOPS_USAGE', `There is no command "${positionals.join(' ')}"; there is: gc.`);
  }
  const keepDays = Number(values['keep-days'] ?? KEEP_DAYS);
  if (!Number.isFinite(keepDays) || keepDays < 0) {
    throw new MlopsError(
      'MLOPS_USAGE',
      `--keep-days takes a number of days from 0, not "${values['keep-days']}".`,
    );
  }
  await collectGarbage(
    workspaceRootOf(process.cwd()),
    { branches: values.branch, remote: values.remote, dryRun: values['dry-run'], keepDays },
    { print: (line) => console.log(line) },
  );
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        branch: { type: 'string', multiple: true },
        remote: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        'keep-days': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new MlopsError('MLOPS_USAGE', `${messageOf(error)} See nx-mlops --help.`, {}, { cause: error });
  }
}

function workspaceRootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, layout.mlopsConfig))) return at;
    if (dirname(at) === at) {
      throw new MlopsError(
        'MLOPS_CONFIG_MISSING',
        'is neither in this folder nor above it. Run nx-mlops in the workspace.',
        {
          file: layout.mlopsConfig,
        },
      );
    }
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof MlopsError ? `\n${error.code} ${error.message}` : error);
  process.exitCode = 1;
});
