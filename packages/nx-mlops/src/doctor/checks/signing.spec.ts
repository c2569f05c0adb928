import { generateKeyPairSync } from 'node:crypto';
import { examine, type Files } from '../examine.fixture';
import { mlopsConfigCheck } from './mlops-config';
import { signingCheck } from './signing';

function pair(): { privatePem: string; publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}
const ours = pair();
const other = pair();

const mlops = (signature: string, publicKeys?: string[]): Files => ({
  'mlops.json': {
    environments: [{ name: 'production', signature }],
    ...(publicKeys === undefined ? {} : { signing: { publicKeys } }),
  },
});
const required = { ...mlops('require', ['keys/ci key.pub']), 'keys/ci key.pub': ours.publicPem };

it.each<[string, Files, RegExp]>([
  ['none', {}, /^problem mlops\.json: mlops\.json: is not there\. Run nx g nx-mlops:init/],
  ['broken', { 'mlops.json': '{' }, /^problem mlops\.json: mlops\.json: line 1/],
  ['wrong', { 'mlops.json': { environments: [] } }, /^problem mlops\.json: mlops\.json: environments/],
  [
    'good',
    { 'mlops.json': { environments: [{ name: 'staging' }, { name: 'production' }] } },
    /^ok mlops\.json: environments: staging, production$/,
  ],
])('mlops.json: %s', async (_, files, line) => {
  expect(await examine(mlopsConfigCheck, { files })).toEqual([expect.stringMatching(line)]);
});

it.each<[string, Files, NodeJS.ProcessEnv, boolean, readonly RegExp[]]>([
  ['no mlops.json', {}, {}, true, [/^skipped public keys: mlops\.json cannot/, /^skipped signing key/]],
  ['no policy', mlops('off'), {}, true, [/^skipped public keys: no env/, /^skipped signing key: no env/]],
  [
    'no keys where they are required',
    mlops('require'),
    {},
    false,
    [
      /^problem public keys: "production" looks at signatures, but nothing/,
      /^skipped signing key: versions are signed in CI/,
    ],
  ],
  [
    'no keys where they are looked at',
    mlops('warn'),
    {},
    true,
    [/^warning public keys/, /^skipped signing key/],
  ],
  [
    'a file that is missing',
    mlops('require', ['gone.pub']),
    {},
    false,
    [/^problem public keys: gone\.pub cannot be read \(ENOENT\)/, /^skipped/],
  ],
  [
    'a private key in its place',
    { ...mlops('warn', ['a.pub']), 'a.pub': ours.privatePem },
    {},
    false,
    [/^warning public keys: a\.pub is a private key/, /^skipped/],
  ],
  [
    'no key in CI',
    required,
    {},
    true,
    [/^ok public keys: keys\/ci key\.pub/, /^warning signing key: .*no MLOPS_SIGNING_KEY/],
  ],
  [
    'no key on a laptop',
    required,
    {},
    false,
    [/^ok public keys/, /^skipped signing key: versions are signed in CI/],
  ],
  [
    'the right key',
    required,
    { MLOPS_SIGNING_KEY: ours.privatePem },
    true,
    [/^ok public keys/, /^ok signing key: can sign, as key [0-9a-f]{8}$/],
  ],
  [
    'a key of another pair',
    required,
    { MLOPS_SIGNING_KEY: other.privatePem },
    true,
    [
      /^ok public keys/,
      /^problem signing key: signs as key [0-9a-f]{8}, which is none of signing\.publicKeys/,
    ],
  ],
  [
    'a key that is none',
    required,
    { MLOPS_SIGNING_KEY: 'no/such.key' },
    true,
    [/^ok public keys/, /^problem signing key: .*nor the path of a file that can be read \(ENOENT\)/],
  ],
])('signing: %s', async (_, files, env, ci, lines) => {
  const found = await examine(signingCheck, { files, env, ci });
  expect(found).toEqual(lines.map((line) => expect.stringMatching(line)));
  expect(found.join('\n')).not.toContain(ours.privatePem.split('\n')[1]);
});
