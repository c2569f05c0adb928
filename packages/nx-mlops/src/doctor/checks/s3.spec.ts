import { examine, type Files } from '../examine.fixture';
import { s3Check } from './s3';

const inS3: Files = {
  'mlops.json': { registry: 's3://bucket/models', environments: [{ name: 'production' }] },
};
const sdk = (version: string): Files => ({
  'node_modules/@aws-sdk/client-s3/package.json': { name: '@aws-sdk/client-s3', version },
});
const good = { ...inS3, ...sdk('3.800.0') };

it.each<[string, Files, NodeJS.ProcessEnv, readonly RegExp[]]>([
  [
    'no use',
    { 'mlops.json': { environments: [{ name: 'a' }] } },
    {},
    [/^skipped AWS SDK/, /^skipped S3 cred/],
  ],
  ['no SDK', inS3, {}, [/^problem AWS SDK: the registry lies at s3:\/\/.* -> npm install/, /./]],
  [
    'an old SDK',
    { ...inS3, ...sdk('3.100.0') },
    {},
    [/^problem AWS SDK: .* is 3\.100\.0, and \^3\.700/, /./],
  ],
  [
    'a remote in S3',
    { 'mlops.json': { remote: { url: 's3://b' }, environments: [{ name: 'a' }] } },
    {},
    [/^problem AWS SDK: the remote of data lies/, /./],
  ],
  [
    'a source in S3',
    {
      'mlops.json': { environments: [{ name: 'a' }] },
      'data/f/dataset.config.json': {
        sources: { raw: { path: 's3://b/a.csv' } },
        splits: { train: { where: 'true' } },
        schema: { fields: [{ name: 'distance', type: 'number' }] },
      },
    },
    {},
    [/^problem AWS SDK: data\/f\/dataset\.config\.json lies/, /./],
  ],
  [
    'no credentials',
    good,
    {},
    [/^ok AWS SDK: .* 3\.800\.0/, /^warning S3 credentials: none in the environment/],
  ],
  [
    'half of a pair',
    good,
    { AWS_ACCESS_KEY_ID: 'AKIA12345' },
    [/^ok/, /^problem .*ACCESS_KEY_ID is set and AWS_SECRET/],
  ],
  [
    'a pair',
    good,
    { AWS_ACCESS_KEY_ID: 'AKIA12345', AWS_SECRET_ACCESS_KEY: 'shh-shh' },
    [/^ok/, /^ok S3 credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set$/],
  ],
  [
    'a role',
    { ...good, token: 'x' },
    { AWS_WEB_IDENTITY_TOKEN_FILE: '<root>/token' },
    [/^ok/, /^ok .*a role/],
  ],
  [
    'a role whose token is gone',
    good,
    { AWS_WEB_IDENTITY_TOKEN_FILE: '<root>/gone' },
    [/^ok/, /^problem .*not there/],
  ],
  ['a profile', good, { AWS_PROFILE: 'ci' }, [/^ok/, /^ok S3 credentials: AWS_PROFILE is set/]],
  [
    'a file',
    { ...good, '.aws/credentials': '' },
    {},
    [/^ok/, /^ok S3 credentials: by <root>\/\.aws\/credentials/],
  ],
])('%s', async (_, files, env, lines) => {
  const found = await examine(s3Check, { files, env: { HOME: '<root>', ...env } });
  expect(found).toEqual(lines.map((line) => expect.stringMatching(line)));
});
