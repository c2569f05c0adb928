import { examine, workspaceWith, type Files } from '../examine.fixture';
import { judgeNode } from './node';
import { nxCheck } from './nx-version';
import { packagesCheck } from './packages';

const installed = (name: string, version: string, inside = ''): Files => ({
  [`${inside}node_modules/${name}/package.json`]: { name, version },
});

it.each([
  ['22.11.0', 'ok'],
  ['20.19.0', 'ok'],
  ['20.18.3', 'problem'],
  ['18.20.0', 'problem'],
])('Node %s: %s', (version, verdict) => {
  expect(judgeNode(version)).toMatchObject({ verdict });
});

it.each<[string, Files, RegExp]>([
  ['none', {}, /^problem Nx: is not installed -> Run npm ci/],
  [
    'one that is too old',
    installed('nx', '22.0.0'),
    /^problem Nx: 22\.0\.0, and nx-mlops works with >=23\.3\.0 <25/,
  ],
  ['one that is too new', installed('nx', '25.0.0'), /^problem Nx: 25\.0\.0/],
  ['one that fits', installed('nx', '23.3.0'), /^ok Nx: 23\.3\.0, one copy$/],
  [
    'a second copy',
    { ...installed('nx', '24.0.0'), ...installed('nx', '23.9.0', 'node_modules/@nx/js/') },
    /^problem Nx: more than one copy: the workspace has 24\.0\.0, @nx\/js has 23\.9\.0 of its own/,
  ],
  [
    'another devkit',
    { ...installed('nx', '24.0.0'), ...installed('@nx/devkit', '23.3.0') },
    /^warning Nx: nx is 24\.0\.0 and @nx\/devkit 23\.3\.0/,
  ],
])('Nx, %s', async (_, files, line) => {
  expect(await examine(nxCheck, { files })).toEqual([expect.stringMatching(line)]);
});

it('finds an Nx that lies above the workspace', async () => {
  const outer = workspaceWith(installed('nx', '24.0.0'));
  expect(await examine(nxCheck, { workspaceRoot: `${outer}/inner ws`, files: { 'nx.json': '{}' } })).toEqual([
    'ok Nx: 24.0.0, one copy',
  ]);
});

it.each<[string, Files, RegExp]>([
  ['none', {}, /^warning nx-mlops packages: nx-mlops is not installed/],
  [
    'of one version',
    { ...installed('nx-mlops', '0.1.0'), ...installed('@nx-mlops/server', '0.1.0') },
    /^ok nx-mlops packages: 0\.1\.0$/,
  ],
  [
    'without the server',
    installed('nx-mlops', '0.1.0'),
    /^ok nx-mlops packages: 0\.1\.0; without @nx-mlops\/server/,
  ],
  [
    'one of which has another of its own',
    {
      ...installed('nx-mlops', '0.2.0'),
      ...installed('@nx-mlops/core', '0.2.0'),
      ...installed('@nx-mlops/core', '0.1.0', 'node_modules/nx-mlops/'),
    },
    /^problem nx-mlops packages: of several versions: .*@nx-mlops\/core 0\.1\.0/,
  ],
  [
    'of several versions',
    { ...installed('nx-mlops', '0.2.0'), ...installed('@nx-mlops/core', '0.1.0') },
    /^problem nx-mlops packages: of several versions: nx-mlops 0\.2\.0, @nx-mlops\/core 0\.1\.0/,
  ],
])('packages, %s', async (_, files, line) => {
  expect(await examine(packagesCheck, { files })).toEqual([expect.stringMatching(line)]);
});
