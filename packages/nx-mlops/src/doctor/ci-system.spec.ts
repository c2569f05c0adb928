import { ciSystemOf } from './ci-system';

it.each<[NodeJS.ProcessEnv, string | undefined]>([
  [{ CI: 'true', GITHUB_ACTIONS: 'true' }, 'github'],
  [{ CI: 'true', GITLAB_CI: 'true' }, 'gitlab'],
  [{ JENKINS_URL: 'https://j/' }, 'jenkins'],
  [{ CI: '1' }, 'other'],
  [{ CI: 'false' }, undefined],
  [{ CI: '' }, undefined],
  [{}, undefined],
])('%j is %s', (env, system) => {
  expect(ciSystemOf(env)).toBe(system);
});
