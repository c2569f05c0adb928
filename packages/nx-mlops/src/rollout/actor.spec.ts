import { actorFrom } from './actor';

it.each([
  ['GitHub', { GITHUB_ACTOR: 'octo', USER: 'runner' }, 'runner', 'octo'],
  ['GitLab', { GITLAB_USER_LOGIN: 'gina' }, 'root', 'gina'],
  ['Jenkins', { BUILD_USER: 'jen' }, 'jenkins', 'jen'],
  ['an empty variable', { GITHUB_ACTOR: ' ' }, 'ann', 'ann'],
  ['a user number without a name', { USER: 'bob' }, undefined, 'bob'],
  ['nothing at all', {}, undefined, 'unknown'],
])('%s', (_what, env, systemUser, actor) => expect(actorFrom(env, systemUser)).toBe(actor));
