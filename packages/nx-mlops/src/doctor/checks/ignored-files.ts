import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '@nx-mlops/core';
import { ok, warning, type Finding } from '../finding';
import { askGit } from '../ask-git';
import type { Check } from '../surroundings';

const NAME = 'ignored files';
const IGNORED = '.mlops/';

/** Whether git and Prettier leave alone what init tells them to. */
export const ignoredFilesCheck: Check = {
  name: NAME,
  async run({ workspaceRoot }, signal) {
    const findings: Finding[] = [];
    if (!(await isIgnored(workspaceRoot, signal))) {
      findings.push(
        warning(
          NAME,
          `git does not ignore ${IGNORED}, so data and models would be committed, and Nx would hash them`,
          `echo "${IGNORED}" >> .gitignore`,
        ),
      );
    }
    const prettier = await linesOf(join(workspaceRoot, '.prettierignore'));
    if (prettier !== undefined && !prettier.some((line) => line.endsWith(layout.datasetLock))) {
      findings.push(
        warning(
          NAME,
          `Prettier would reformat ${layout.datasetLock}`,
          `echo "${layout.datasetLock}" >> .prettierignore`,
        ),
      );
    }
    return findings.length > 0 ? findings : [ok(NAME, `git ignores ${IGNORED}`)];
  },
};

async function isIgnored(workspaceRoot: string, signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await askGit(
    workspaceRoot,
    signal,
    'check-ignore',
    '-q',
    '--no-index',
    `${IGNORED}store`,
  );
  if (exitCode === 0 || exitCode === 1) return exitCode === 0;
  // No git, or no repository yet.
  const lines = await linesOf(join(workspaceRoot, '.gitignore'));
  return lines?.some((line) => /^(\*\*\/|\/)?\.mlops\/?$/.test(line)) ?? false;
}

async function linesOf(file: string): Promise<string[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text?.split(/\r?\n/).map((line) => line.trim());
}
