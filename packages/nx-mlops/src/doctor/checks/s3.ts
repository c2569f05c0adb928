import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { registryOf, remoteOf } from '@nx-mlops/core';
import { isSet } from '../ci-system';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { installedPackage } from '../installed-package';
import { readOwnPackage } from '../own-package';
import { readProjectConfigs } from '../project-configs';
import type { Check, Surroundings } from '../surroundings';
import { isInRange } from '../version-range';

const SDK = 'AWS SDK';
const CREDENTIALS = 'S3 credentials';
const PACKAGE = '@aws-sdk/client-s3';

/** Whether what `s3://` needs is there: the SDK and, by their names only, credentials. */
export const s3Check: Check = {
  name: SDK,
  async run(surroundings) {
    const user = await userOfS3(surroundings);
    if (user === undefined) {
      return [skipped(SDK, 'nothing lies at s3://'), skipped(CREDENTIALS, 'nothing lies at s3://')];
    }
    return [judgeSdk(user, surroundings), judgeCredentials(surroundings.env)];
  },
};

/** The first thing that lies in S3, for people. */
async function userOfS3({ mlops, workspaceRoot }: Surroundings): Promise<string | undefined> {
  if (mlops !== undefined) {
    if (registryOf(mlops).url.startsWith('s3:')) return 'the registry';
    if (remoteOf(mlops)?.url.startsWith('s3:') === true) return 'the remote of data';
  }
  return (await readProjectConfigs(workspaceRoot)).find(({ readsS3 }) => readsS3)?.file;
}

function judgeSdk(user: string, { workspaceRoot }: Surroundings): Finding {
  const install = `npm install --save-dev ${PACKAGE}`;
  // Core loads it.
  const core = installedPackage('@nx-mlops/core', workspaceRoot)?.folder ?? workspaceRoot;
  const sdk = installedPackage(PACKAGE, core) ?? installedPackage(PACKAGE, workspaceRoot);
  if (sdk === undefined)
    return problem(SDK, `${user} lies at s3://, and ${PACKAGE} is not installed`, install);
  const wanted = readOwnPackage().peerDependencies[PACKAGE] as string;
  return isInRange(sdk.version, wanted)
    ? ok(SDK, `${PACKAGE} ${sdk.version}`)
    : problem(SDK, `${PACKAGE} is ${sdk.version}, and ${wanted} is needed`, install);
}

/** Where the AWS tools look, in their order. */
function judgeCredentials(env: NodeJS.ProcessEnv): Finding {
  const [id, secret] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  if (isSet(env[id]) !== isSet(env[secret])) {
    const [given, missing] = isSet(env[id]) ? [id, secret] : [secret, id];
    return problem(CREDENTIALS, `${given} is set and ${missing} is not`, 'Set both, or neither.');
  }
  if (isSet(env[id])) return ok(CREDENTIALS, `${id} and ${secret} are set`);
  const webIdentity = env['AWS_WEB_IDENTITY_TOKEN_FILE'];
  if (isSet(webIdentity)) {
    return existsSync(webIdentity)
      ? ok(CREDENTIALS, 'a role by AWS_WEB_IDENTITY_TOKEN_FILE')
      : problem(
          CREDENTIALS,
          'AWS_WEB_IDENTITY_TOKEN_FILE names a file that is not there',
          'Have the step that takes the role run before this one, in the same job.',
        );
  }
  const other = [
    'AWS_PROFILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ].find((name) => isSet(env[name]));
  if (other !== undefined) return ok(CREDENTIALS, `${other} is set`);
  const folder = join(env['HOME'] ?? homedir(), '.aws');
  const files = [
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'),
    env['AWS_CONFIG_FILE'] ?? join(folder, 'config'),
  ];
  const file = files.find(existsSync);
  if (file !== undefined) return ok(CREDENTIALS, `by ${file}`);
  return warning(
    CREDENTIALS,
    'none in the environment or in ~/.aws; what is left is the role of the machine, if it has one',
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; in CI give the job a role.',
  );
}
