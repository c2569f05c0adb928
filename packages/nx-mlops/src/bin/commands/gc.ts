import { collectGarbage, KEEP_DAYS } from '../../data/gc/collect-garbage';
import type { Command } from '../command';
import { numberOption, parseOptions } from '../parse-options';
import { workspaceRootOf } from '../workspace-root';

export const gc: Command = {
  help: `nx-mlops gc [options]

Removes data that no branch needs any more from the local store, and with --remote from the remote of mlops.json.
Kept is what the locks at the tips of the branches name, the locks and manifests of the working tree, what the registry
names, and what is young.

  --branch <name>    a branch or tag whose locks count; may be given several times. All branches and tags that this
                     clone knows, those of its remotes too, when left out
  --remote           clean the remote, too
  --dry-run          only say what would be removed
  --keep-days <n>    keep what is younger (default ${KEEP_DAYS})
  --help             this text
`,

  async run(args) {
    const values = parseOptions('gc', args, {
      branch: { type: 'string', multiple: true },
      remote: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      'keep-days': { type: 'string' },
    });
    const keepDays = values['keep-days'];
    await collectGarbage(
      workspaceRootOf(process.cwd()),
      {
        branches: values.branch,
        remote: values.remote,
        dryRun: values['dry-run'],
        keepDays: keepDays === undefined ? KEEP_DAYS : numberOption('keep-days', keepDays),
      },
      { print: (line) => console.log(line) },
    );
    return true;
  },
};
