import { layout, type CiConfig } from '@nx-mlops/core';
import { packageManagers, type PackageManagerName } from './package-managers';

/** How Python packages of the workspace are installed. */
export type PythonSetup =
  { readonly kind: 'uv' } | { readonly kind: 'requirements'; readonly files: readonly string[] };

/** What the first version of a setup is made from. */
export interface SetupFacts {
  readonly ci: Pick<CiConfig, 'node'>;
  readonly packageManager: PackageManagerName;
  /** The version stands in package.json, so that no other is to be named. */
  readonly pinsPackageManager: boolean;
  readonly lockfile?: string;
  /** Undefined where no model or dataset uses it. */
  readonly python?: PythonSetup;
}

type Mapping = Readonly<Record<string, unknown>>;

/** Steps of GitHub's composite action. */
export function githubSetup(facts: SetupFacts): Mapping[] {
  const { ci, packageManager, python, lockfile } = facts;
  const { install, setupNodeCache } = packageManagers[packageManager];
  const cache = lockfile === undefined ? undefined : setupNodeCache;
  const run = (line: string) => ({ run: line, shell: 'bash' });
  return [
    ...beforeNode(facts),
    {
      uses: 'actions/setup-node@v5',
      with: {
        'node-version': ci.node,
        // It would look for one by itself, and fail where yarn or pnpm is not there yet.
        ...(cache === undefined ? { 'package-manager-cache': false } : { cache }),
      },
    },
    run(install),
    ...(python === undefined
      ? []
      : python.kind === 'uv'
        ? [{ uses: 'astral-sh/setup-uv@v7' }, run('uv sync --frozen')]
        : [
            { uses: 'actions/setup-python@v6', with: { 'python-version': '3.12' } },
            ...python.files.map((file) => run(`pip install -r ${file}`)),
          ]),
  ];
}

function beforeNode({ packageManager, pinsPackageManager }: SetupFacts): Mapping[] {
  switch (packageManager) {
    case 'pnpm':
      return [
        { uses: 'pnpm/action-setup@v4', ...(pinsPackageManager ? {} : { with: { version: 'latest' } }) },
      ];
    case 'bun':
      return [{ uses: 'oven-sh/setup-bun@v2' }];
    case 'yarn':
    case 'yarn-classic':
      return [{ run: 'corepack enable', shell: 'bash' }];
    case 'npm':
      return [];
  }
}

/** GitLab's hidden job. */
export function gitlabSetup({ ci, packageManager, lockfile, python }: SetupFacts): Mapping {
  const { install, enable, cacheVariable } = packageManagers[packageManager];
  // Below .mlops, which git and so Nx pass over.
  const folder = `${layout.ci}/packages`;
  return {
    image: `node:${ci.node}`,
    variables: {
      GIT_DEPTH: '0',
      NX_DAEMON: 'false',
      [cacheVariable]: `$CI_PROJECT_DIR/${folder}`,
    },
    cache: {
      key: lockfile === undefined ? 'nx-mlops-packages' : { files: [lockfile] },
      paths: [`${folder}/`],
    },
    before_script: [...(enable === undefined ? [] : [enable]), install, ...pythonLines(python)],
  };
}

/** Lines of Jenkins' setup. */
export function jenkinsSetup({ packageManager, python }: SetupFacts): string[] {
  return [packageManagers[packageManager].install, ...pythonLines(python)];
}

/** A .venv in the workspace, where trainings look for Python first. */
function pythonLines(python: PythonSetup | undefined): string[] {
  if (python === undefined) return [];
  if (python.kind === 'uv') return ['uv sync --frozen'];
  return ['python3 -m venv .venv', ...python.files.map((file) => `.venv/bin/pip install -r ${file}`)];
}
