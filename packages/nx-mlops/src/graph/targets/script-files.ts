import type { ScriptLanguage } from '../config-summary';
import type { Input, TargetContext } from './target-context';
import { noNpmPackages } from './inputs';

/** File names that no script reads: texts for people, tests, the settings of other tools. */
const notForScripts = [
  '*.md',
  '*.spec.*',
  '*.test.*',
  'test_*.py',
  '*_test.py',
  'conftest.py',
  'eslint.config.*',
  '.eslintrc*',
  '.prettierrc*',
  'jest.config.*',
  'vitest.config.*',
  'tsconfig.spec.json',
  'tsconfig.test.json',
  'project.json',
  'LICENSE',
  '.git*',
];

/** A dataset reaches its models through the manifests of its splits, so none of its own files count. */
const ofDatasets = ['dataset.config.json', 'dataset.lock.json', '*.sql'];

/**
 * Every tracked file of the script's project but those. The config is an input of its own, as JSON.
 *
 * A package.json counts: `"type": "module"` changes how a script is read.
 */
export const ownFiles: readonly Input[] = [
  '{projectRoot}/**/*',
  '!{projectRoot}/{model,dataset}.config.json',
  '!{projectRoot}/dataset.lock.json',
  '!{projectRoot}/**/__tests__/**',
  ...notForScripts.map((pattern): Input => `!{projectRoot}/**/${pattern}`),
];

/**
 * Files of the projects that the script's code imports, theirs too. In one pattern, because Nx takes each of several
 * patterns of `dependencies` by itself: a second one that begins with `!` would take nothing away from the first.
 */
const importedFiles: Input = {
  fileset: `{projectRoot}/**/!(${[...notForScripts, ...ofDatasets, 'model.config.json', 'package.json'].join('|')})`,
  dependencies: true,
};

/** With imports unknown, any code of the workspace may be what the script runs. */
const allCode: readonly Input[] = [
  '{workspaceRoot}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}',
  '!{workspaceRoot}/**/*.{spec,test}.*',
  '!{workspaceRoot}/**/__tests__/**',
];

const pythonEnvironmentFiles: readonly Input[] = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'Pipfile.lock',
  'pyproject.toml',
  'requirements*.txt',
  'environment.{yml,yaml}',
  'conda-lock.yml',
  '.python-version',
].map((file): Input => `{workspaceRoot}/${file}`);

/** The code, libraries and interpreter that a script of the project, in this language, runs with. */
export function scriptFiles(context: TargetContext, language: ScriptLanguage): Input[] {
  return [...ownFiles, importedFiles, ...environmentOf(language, context)];
}

function environmentOf(language: ScriptLanguage, context: TargetContext): Input[] {
  switch (language) {
    case 'javascript':
      return javascriptEnvironment(context);
    case 'python':
      return [noNpmPackages, ...pythonEnvironment(context)];
    case 'any':
      return [...javascriptEnvironment(context), ...pythonEnvironment(context)];
  }
}

function javascriptEnvironment({ facts }: TargetContext): Input[] {
  // The first number of the ABI moves with each major of Node and with nothing else.
  const node: Input = { runtime: 'node -p process.versions.modules' };
  // Nx adds the npm packages that are imported, theirs too, by itself where it knows the imports. Where it does not,
  // leaving the list of packages out means all of them: too many runs rather than a stale one.
  return facts.importsAreKnown ? [noNpmPackages, node] : [...allCode, node];
}

function pythonEnvironment({ root, facts }: TargetContext): Input[] {
  return [...pythonEnvironmentFiles, { runtime: pythonVersionCommand(root, facts.platform) }];
}

/**
 * Prints the version of the Python that a script of this project runs with: the `.venv` of the project or of the
 * workspace, else that of the PATH. Never fails, because Nx would take the failure for a version.
 */
export function pythonVersionCommand(root: string, platform: 'posix' | 'windows'): string {
  const { venv, onPath, quiet } = pythonOf[platform];
  const interpreters = [`"${root}/${venv}"`, `"${venv}"`, ...onPath];
  return [...interpreters.map((python) => `${python} --version ${quiet}`), 'echo no-python'].join(' || ');
}

/** As `script-command` looks for it. */
const pythonOf = {
  posix: { venv: '.venv/bin/python', onPath: ['python3', 'python'], quiet: '2>/dev/null' },
  windows: { venv: '.venv/Scripts/python.exe', onPath: ['python.exe', 'python3.exe'], quiet: '2>nul' },
} as const;
