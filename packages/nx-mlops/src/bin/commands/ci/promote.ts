import { promoteJob, readDeployed, writeDeployed } from '../../../ci/deliver/deployed-file';
import { promoteDeployed } from '../../../ci/deliver/promote-deployed';
import { promotionWay } from '../../../rollout/environments';
import type { Command } from '../../command';
import { numberOption, parseOptions } from '../../parse-options';
import { ciDelivery, required } from './ci-delivery';

export const promote: Command = {
  help: `nx-mlops ci promote --to=<environment> [options]

Brings exactly the versions that this pipeline deployed into the next environment, as deployed.json names them, by that
environment's own rules. A version that a later one took the place of is left out; one that is refused stops no other, and
the command exits with 1 at the end. Run twice, it changes nothing more. See docs/ci-delivery.md.

  --to <name>               an environment of mlops.json
  --from <name>             the one that was deployed to (default the one before it)
  --reason <text>           why, for the history
  --watch                   follow each rollout to its end
  --interval <seconds>      between two looks of it (default 10)
  --dry-run                 only say what would be done
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci promote', args, {
      to: { type: 'string' },
      from: { type: 'string' },
      reason: { type: 'string' },
      watch: { type: 'boolean' },
      interval: { type: 'string' },
      'dry-run': { type: 'boolean' },
    });
    const { watch, interval, reason } = values;
    const delivery = await ciDelivery();
    const { workspaceRoot, commit } = delivery;
    const dryRun = values['dry-run'] === true;
    const ends = promotionWay(delivery.mlops, {
      to: required('ci promote', 'to', values.to),
      ...(values.from === undefined ? {} : { from: values.from }),
    });
    const { promoted, refused } = await promoteDeployed({
      ...delivery,
      ...ends,
      models: await readDeployed(workspaceRoot, { environment: ends.from, commit }),
      ...(reason === undefined ? {} : { reason }),
      ...(watch === undefined ? {} : { watch }),
      ...(interval === undefined ? {} : { interval: numberOption('interval', interval) }),
      dryRun,
    });
    // The promotion after this one goes by it.
    if (!dryRun) {
      const deployed = { environment: ends.to, commit, models: [...promoted] };
      await writeDeployed(workspaceRoot, promoteJob(ends.to), deployed, process.env);
    }
    return refused.length === 0;
  },
};
