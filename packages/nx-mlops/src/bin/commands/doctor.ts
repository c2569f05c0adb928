import { checks } from '../../doctor/checks';
import { describeFindings } from '../../doctor/describe-findings';
import { CHECK_TIMEOUT, runChecks } from '../../doctor/run-checks';
import { lookAround } from '../../doctor/surroundings';
import type { Command } from '../command';
import { parseOptions } from '../parse-options';
import { nxWorkspaceRootOf } from '../workspace-root';

/** What still hangs when all is said may hang on without us. ms */
const LINGER = 500;

export const doctor: Command = {
  help: `nx-mlops doctor [options]

Checks what the workspace needs on this machine: Node, Nx, ONNX Runtime, Python, mlops.json, keys, the registry, the remote of
data, credentials, git, the variables of CI, the cache. Says what is wrong and how to mend it. Starts no Nx and changes
nothing. Exit code 1 where there is a problem; a warning is none. A check gets ${CHECK_TIMEOUT / 1000} seconds.

  --ci               judge as in a CI job, also on a laptop; in a job it is so anyway
  --write            also try whether the registry in S3 takes conditional writes, by one small object
  --json             as JSON and nothing else
  --help             this text
`,

  async run(args) {
    const values = parseOptions('doctor', args, {
      ci: { type: 'boolean' },
      write: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const surroundings = await lookAround({
      workspaceRoot: nxWorkspaceRootOf(process.cwd()),
      env: process.env,
      ci: values.ci,
      mayWrite: values.write,
    });
    const findings = await runChecks(checks, surroundings);
    const isWell = !findings.some(({ verdict }) => verdict === 'problem');
    if (values.json === true) {
      const { isCi, ciSystem } = surroundings;
      const found = { version: 1, ok: isWell, ci: isCi, ciSystem: ciSystem ?? null, checks: findings };
      console.log(JSON.stringify(found, null, 2));
    } else {
      console.log(describeFindings(findings).join('\n'));
    }
    // Fires only where a check that hung keeps the process alive.
    setTimeout(() => process.exit(), LINGER).unref();
    return isWell;
  },
};
