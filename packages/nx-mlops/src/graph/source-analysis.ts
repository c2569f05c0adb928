import type { NxJsonConfiguration } from '@nx/devkit';

/** Packages whose presence in the root package.json turns Nx's import analysis on. */
const packagesThatAnalyze = [
  '@nx/workspace',
  '@nx/js',
  '@nx/node',
  '@nx/next',
  '@nx/react',
  '@nx/angular',
  '@nx/web',
];

/** The parts of a package.json that say what is installed. */
export interface PackageDependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Whether this workspace asks Nx to read imports, by the rules of Nx's own JavaScript plugin
 * (`jsPluginConfig` in nx/src/plugins/js/utils/config, the same in 23.3 and 24.0).
 *
 * @param rootPackage the root package.json; undefined when there is none
 */
export function asksForSourceAnalysis(
  nxJson: Pick<NxJsonConfiguration, 'pluginsConfig'>,
  rootPackage: PackageDependencies | undefined,
): boolean {
  const config = nxJson.pluginsConfig?.['@nx/js'];
  if (config !== undefined) {
    return (config as { analyzeSourceFiles?: unknown }).analyzeSourceFiles !== false;
  }
  const installed = { ...rootPackage?.dependencies, ...rootPackage?.devDependencies };
  return packagesThatAnalyze.some((name) => name in installed);
}

/** Whether TypeScript can be loaded from the workspace: without it Nx reads no imports, whatever nx.json says. */
export function isTypescriptInstalled(workspaceRoot: string): boolean {
  try {
    require.resolve('typescript', { paths: [workspaceRoot] });
    return true;
  } catch {
    return false;
  }
}
