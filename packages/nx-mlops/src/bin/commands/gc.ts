import { collectGarbage, KEEP_DAYS } from '../../data/gc/collect-garbage';
import { currentActor } from '../../rollout/actor';
import { gcRegistry } from '../../rollout/gc-registry';
import { openWorkspaceRegistry } from '../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../rollout/read-mlops-config';
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
  --registry         clean the registry instead: the bytes of versions that no environment serves or would go back to
                     ("keep" of each environment in mlops.json); records and history stay
  --dry-run          only say what would be removed
  --keep-days <n>    keep what is younger (default ${KEEP_DAYS})
  --help             this text
`,

  async run(args) {
    const values = parseOptions('gc', args, {
      branch: { type: 'string', multiple: true },
      remote: { type: 'boolean' },
      registry: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      'keep-days': { type: 'string' },
    });
    const given = values['keep-days'];
    const keepDays = given === undefined ? KEEP_DAYS : numberOption('keep-days', given);
    const workspaceRoot = workspaceRootOf(process.cwd());
    const print = (line: string) => console.log(line);
    if (values.registry === true) {
      const mlops = await readMlopsConfig(workspaceRoot);
      await gcRegistry({
        mlops,
        registry: openWorkspaceRegistry(mlops, workspaceRoot),
        actor: currentActor(process.env),
        print,
        keepDays,
        dryRun: values['dry-run'],
      });
      return true;
    }
    await collectGarbage(
      workspaceRoot,
      {
        branches: values.branch,
        remote: values.remote,
        dryRun: values['dry-run'],
        keepDays,
      },
      { print },
    );
    return true;
  },
};
