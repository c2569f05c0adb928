import { appendFile } from 'node:fs/promises';
import { resolveBase } from '../../../ci/base/resolve-base';
import { isSet } from '../../../doctor/ci-system';
import type { Command } from '../../command';
import { parseOptions } from '../../parse-options';
import { nxWorkspaceRootOf } from '../../workspace-root';
import { baseHelp, baseOptions, defaultBranchOf, stopSignal } from './ci-settings';

export const base: Command = {
  help: `nx-mlops ci base [options]

Prints NX_BASE and NX_HEAD for nx affected, and on standard error why: of a pull or merge request what it shares with its
target, of a push the last commit of the branch whose pipeline was green, else everything. On GitHub they are set for the
steps that follow. A shallow clone is deepened as far as needed. See docs/ci-commands.md.

${baseHelp}
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci base', args, baseOptions);
    const workspaceRoot = nxWorkspaceRootOf(process.cwd());
    const { env } = process;
    const print = (line: string) => console.error(line);
    const { base, head, reason } = await resolveBase({
      ...{ workspaceRoot, env, print, ...values },
      defaultBranch: defaultBranchOf(workspaceRoot),
      signal: stopSignal(),
    });
    print(reason);
    const lines = `NX_BASE=${base}\nNX_HEAD=${head}\n`;
    process.stdout.write(lines);
    if (isSet(env['GITHUB_ENV'])) await appendFile(env['GITHUB_ENV'], lines);
    return true;
  },
};
