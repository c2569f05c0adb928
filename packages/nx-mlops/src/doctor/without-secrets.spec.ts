import { withoutSecrets } from './without-secrets';

it.each<[string, NodeJS.ProcessEnv, string, string]>([
  ['a token', { GITHUB_TOKEN: 'ghs_abcdef' }, 'Bearer ghs_abcdef.', 'Bearer ***.'],
  [
    'a line of a key',
    { MLOPS_SIGNING_KEY: '-----BEGIN KEY-----\r\nMIGHAgEA\r\n' },
    'at "MIGHAgEA"',
    'at "***"',
  ],
  ['the longer of two first', { A_TOKEN: 'secret', B_TOKEN: 'secret-more' }, 'secret-more', '***'],
  ['nothing of a short value', { A_KEY: 'main' }, 'main is main', 'main is main'],
  ['nothing of other variables', { BRANCH: 'feature' }, 'on feature', 'on feature'],
  ['credentials in an address', {}, 'GET https://me:pw@host:1/x failed', 'GET https://***@host:1/x failed'],
])('hides %s', (_, env, text, expected) => {
  expect(withoutSecrets(text, env)).toBe(expected);
});
