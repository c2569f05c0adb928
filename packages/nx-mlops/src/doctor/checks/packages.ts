import { ok, problem, warning } from '../finding';
import { installedPackage } from '../installed-package';
import type { Check } from '../surroundings';

const NAME = 'nx-mlops packages';
const names = ['nx-mlops', ...['core', 'runtime', 'training', 'server'].map((name) => `@nx-mlops/${name}`)];

/** Whether our packages have one version, as they are released together. */
export const packagesCheck: Check = {
  name: NAME,
  run({ workspaceRoot }) {
    const found = installedPackages(workspaceRoot);
    if (!found.some(({ name }) => name === 'nx-mlops')) {
      return Promise.resolve([
        warning(NAME, 'nx-mlops is not installed in this workspace', 'Run npx nx add nx-mlops, or npm ci.'),
      ]);
    }
    const versions = new Set(found.map(({ version }) => version));
    if (versions.size > 1) {
      return Promise.resolve([
        problem(
          NAME,
          `of several versions: ${found.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
          'They are released together. Give all of them one version in package.json, then install anew.',
        ),
      ]);
    }
    const server = found.some(({ name }) => name === '@nx-mlops/server')
      ? ''
      : '; without @nx-mlops/server, which only machines that serve models need';
    return Promise.resolve([ok(NAME, `${[...versions][0]}${server}`)]);
  },
};

/** Each once, also where one of them has another of its own. */
function installedPackages(workspaceRoot: string): { readonly name: string; readonly version: string }[] {
  const fromRoot = names.flatMap((name) => installedPackage(name, workspaceRoot)?.folder ?? []);
  const found = new Map<string, { readonly name: string; readonly version: string }>();
  for (const from of [workspaceRoot, ...fromRoot]) {
    for (const name of names) {
      const installed = installedPackage(name, from);
      if (installed !== undefined) found.set(installed.folder, { name, version: installed.version });
    }
  }
  return [...found.values()];
}
