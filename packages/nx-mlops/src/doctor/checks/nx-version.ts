import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, problem, warning, type Finding } from '../finding';
import { installedPackage } from '../installed-package';
import { readOwnPackage } from '../own-package';
import type { Check } from '../surroundings';
import { isInRange } from '../version-range';

const NAME = 'Nx';

/** Whether Nx is there once, in a version that the plugin works with. */
export const nxCheck: Check = {
  name: NAME,
  async run({ workspaceRoot }) {
    const nx = installedPackage('nx', workspaceRoot);
    if (nx === undefined) {
      return [
        problem(NAME, 'is not installed', 'Run npm ci (or the install command of your package manager).'),
      ];
    }
    const wanted = readOwnPackage().peerDependencies['nx'] as string;
    const findings: Finding[] = [];
    if (!isInRange(nx.version, wanted)) {
      findings.push(
        problem(
          NAME,
          `${nx.version}, and nx-mlops works with ${wanted}`,
          'Run npx nx migrate to a version in that range.',
        ),
      );
    }
    const users = await packagesBesideNx(workspaceRoot);
    const others = users.flatMap((user) => {
      const own = installedPackage('nx', join(workspaceRoot, 'node_modules', user));
      return own === undefined || own.folder === nx.folder ? [] : [`${user} has ${own.version} of its own`];
    });
    if (others.length > 0) {
      findings.push(
        problem(
          NAME,
          `more than one copy: the workspace has ${nx.version}, ${others.join(', ')}`,
          'Two copies do not share a project graph. Give nx and all @nx/* packages one version in package.json, then install anew.',
        ),
      );
    }
    const devkit = installedPackage('@nx/devkit', workspaceRoot);
    if (devkit !== undefined && majorOf(devkit.version) !== majorOf(nx.version)) {
      findings.push(
        warning(
          NAME,
          `nx is ${nx.version} and @nx/devkit ${devkit.version}`,
          'Give nx and all @nx/* packages one version in package.json, then install anew.',
        ),
      );
    }
    return findings.length > 0 ? findings : [ok(NAME, `${nx.version}, one copy`)];
  },
};

/** Packages that ask for nx and could have been given one of their own. */
async function packagesBesideNx(workspaceRoot: string): Promise<string[]> {
  const scoped = await readdir(join(workspaceRoot, 'node_modules/@nx')).catch(() => []);
  return ['nx-mlops', ...scoped.map((name) => `@nx/${name}`)];
}

function majorOf(version: string): string | undefined {
  return version.split('.')[0];
}
