import { readDeployed } from '../../../ci/deliver/deployed-file';
import { smokeDeployed } from '../../../ci/deliver/smoke-deployed';
import { environmentConfig, environmentNamed } from '../../../rollout/environments';
import type { Command } from '../../command';
import { numberOption, parseOptions } from '../../parse-options';
import { ciDelivery } from './ci-delivery';

/** s */
const DEFAULT_TIMEOUT = '60';

export const smoke: Command = {
  help: `nx-mlops ci smoke [options]

Tries what this pipeline deployed: verifies each version of deployed.json as before traffic, and, where the environment's
target in mlops.json has a url, has the server answer the version's golden rows. Exits with 1 when something differs. See
docs/ci-delivery.md.

  --environment <name>      (default the first one of mlops.json)
  --timeout <seconds>       that a server may take to load a version (default ${DEFAULT_TIMEOUT})
  --help                    this text
`,

  async run(args) {
    const values = parseOptions('ci smoke', args, {
      environment: { type: 'string' },
      timeout: { type: 'string', default: DEFAULT_TIMEOUT },
    });
    const { workspaceRoot, mlops, registry, tools, commit, signal, print } = await ciDelivery();
    const environment = environmentNamed(mlops, values.environment);
    const wrong = await smokeDeployed({
      ...{ registry, signal, print },
      environment: environmentConfig(mlops, environment),
      verify: tools.verify,
      models: await readDeployed(workspaceRoot, { environment, commit }),
      timeout: numberOption('timeout', values.timeout),
    });
    return wrong.length === 0;
  },
};
