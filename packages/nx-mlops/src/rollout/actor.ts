import { userInfo } from 'node:os';

/** Variables in which CI systems name the person who started the job: GitHub, GitLab, Jenkins, Azure, CircleCI. */
const actorVariables = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'BUILD_USER',
  'BUILD_REQUESTEDFOR',
  'CIRCLE_USERNAME',
];

/**
 * Who does this, for the history: the person behind the CI job, else the user of the system.
 *
 * @param systemUser of the operating system; a container may have none
 */
export function actorFrom(env: NodeJS.ProcessEnv, systemUser: string | undefined): string {
  const names = [...actorVariables.map((name) => env[name]), systemUser, env['USER'], env['USERNAME']];
  return names.map((name) => name?.trim()).find((name) => name !== undefined && name !== '') ?? 'unknown';
}

export function currentActor(env: NodeJS.ProcessEnv): string {
  return actorFrom(env, systemUserName());
}

function systemUserName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
