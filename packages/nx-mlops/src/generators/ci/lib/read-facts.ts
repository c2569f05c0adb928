import { detectPackageManager, globAsync, parseJson, readJson, readNxJson, type Tree } from '@nx/devkit';
import { layout, type CiConfig, type MlopsConfig } from '@nx-mlops/core';
import { defaultBase } from '../../../executors/default-base';
import { packageManagers, type PackageManagerName } from './package-managers';
import type { CiFacts } from './pipeline';
import type { PythonSetup, SetupFacts } from './setup';

/** What a pipeline follows from, and its setups, of the workspace as the tree holds it. */
export type WorkspaceFacts = CiFacts & SetupFacts;

export async function readFacts(tree: Tree, mlops: MlopsConfig, ci: CiConfig): Promise<WorkspaceFacts> {
  const nxJson = (readNxJson(tree) ?? {}) as NonNullable<ReturnType<typeof readNxJson>> & {
    readonly nxCloudAccessToken?: string;
    readonly nxCloudId?: string;
  };
  const { packageManager, pins } = packageManagerOf(tree);
  const lockfile = packageManagers[packageManager].lockfiles.find((file) => tree.exists(file));
  const python = await pythonOf(tree);
  return {
    ci,
    environments: mlops.environments.map(({ name, strategy }) => ({
      name,
      isDirect: strategy.type === 'direct',
    })),
    mainBranch: defaultBase(nxJson),
    packageManager,
    pinsPackageManager: pins,
    nxCloud: nxJson.nxCloudId !== undefined || nxJson.nxCloudAccessToken !== undefined,
    ...(lockfile === undefined ? {} : { lockfile }),
    ...(python === undefined ? {} : { python }),
  };
}

function packageManagerOf(tree: Tree): { packageManager: PackageManagerName; pins: boolean } {
  const pinned = tree.exists('package.json')
    ? readJson<{ packageManager?: string }>(tree, 'package.json').packageManager
    : undefined;
  const named = pinned?.split('@')[0];
  const byLockfile = (['pnpm', 'yarn', 'bun', 'npm'] as const).find((name) =>
    packageManagers[name].lockfiles.some((file) => tree.exists(file)),
  );
  const found =
    named === 'npm' || named === 'pnpm' || named === 'yarn' || named === 'bun'
      ? named
      : (byLockfile ?? detectPackageManager(tree.root));
  const isClassic =
    found === 'yarn' && (pinned === undefined ? !tree.exists('.yarnrc.yml') : pinned.startsWith('yarn@1'));
  return { packageManager: isClassic ? 'yarn-classic' : found, pins: pinned !== undefined };
}

/** Undefined where no config names a Python script or command. */
async function pythonOf(tree: Tree): Promise<PythonSetup | undefined> {
  const configs = await globAsync(tree, [`**/${layout.modelConfig}`, `**/${layout.datasetConfig}`]);
  const usesPython = configs.some((file) =>
    textsIn(objectIn(tree, file)).some(
      (text) => /\.py$/.test(text) || /^(.*\/)?(python[\d.]*|uv)$/.test(text),
    ),
  );
  if (!usesPython) return undefined;
  if (tree.exists('uv.lock')) return { kind: 'uv' };
  const files = await globAsync(tree, ['requirements.txt', '**/requirements.txt']);
  return { kind: 'requirements', files: [...new Set(files)].sort() };
}

/** Resource classes that trainings ask for, each with the first model that does. */
export async function askedClasses(tree: Tree): Promise<Map<string, string>> {
  const classes = new Map<string, string>();
  for (const file of (await globAsync(tree, [`**/${layout.modelConfig}`])).sort()) {
    const { training } = objectIn(tree, file) as { training?: { resourceClass?: unknown; gpu?: unknown } };
    const asked = training?.resourceClass ?? (training?.gpu === true ? 'gpu' : undefined);
    if (typeof asked === 'string' && !classes.has(asked)) classes.set(asked, file);
  }
  return classes;
}

/** A config that cannot be read is judged elsewhere. */
function objectIn(tree: Tree, file: string): object {
  try {
    const value: unknown = parseJson(tree.read(file, 'utf-8') ?? '', { allowTrailingComma: true });
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    return {};
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}
