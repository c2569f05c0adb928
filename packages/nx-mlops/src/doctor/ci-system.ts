/** Whose variables are set. `other` for a CI system that we know nothing of. */
export type CiSystem = 'github' | 'gitlab' | 'jenkins' | 'other';

export function ciSystemOf(env: NodeJS.ProcessEnv): CiSystem | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  if (env['GITLAB_CI'] === 'true') return 'gitlab';
  if (isSet(env['JENKINS_URL'])) return 'jenkins';
  const ci = env['CI'];
  return isSet(ci) && ci !== 'false' && ci !== '0' ? 'other' : undefined;
}

/** CI hands a secret that is not there to a job as an empty variable. */
export function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

/** For people. */
export const ciSystemTitles: Readonly<Record<CiSystem, string>> = {
  github: 'GitHub Actions',
  gitlab: 'GitLab CI',
  jenkins: 'Jenkins',
  other: 'a CI system',
};
