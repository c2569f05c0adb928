import type { Workspace } from '../../tools/workspace/create-workspace.mjs';

/**
 * Fills a workspace with what a pipeline has to tell apart: the dataset `species-data`, the models `species` and `island`
 * that learn from it, the library `features` that the training of `species` imports, and the app `web` beside them.
 *
 * @param registry folder of the registry, which all clones and jobs share as a team shares a bucket
 */
export async function fillWorkspace(workspace: Workspace, registry: string): Promise<void> {
  await workspace.mustNx(['g', 'nx-mlops:init']);
  await workspace.mustNx([
    'g',
    'nx-mlops:model',
    'species',
    '--sample',
    '--directory=ml/species',
    '--no-interactive',
  ]);
  await workspace.mustNx([
    'g',
    'nx-mlops:model',
    'island',
    '--dataset=species-data',
    '--target=island',
    '--features=bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,species',
    '--directory=ml/island',
    '--no-interactive',
  ]);
  // What is played here is the pipeline, not luck on 91 rows.
  await workspace.edit('ml/island/model.config.json', (text) =>
    text.replace('"versus": "last-release"', '"versus": "last-release", "margin": 0.3'),
  );
  await workspace.edit('mlops.json', (text) =>
    JSON.stringify({ ...JSON.parse(text), registry: `file:${registry}` }),
  );
  for (const [file, content] of Object.entries(files)) {
    await workspace.write(
      file,
      typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
    );
  }
  await workspace.edit('ml/species/src/train.ts', (text) =>
    text
      .replace(
        'runTraining(async',
        "import { greeting } from '../../../libs/features/src/greeting';\n\nrunTraining(async",
      )
      .replace('console.log(`', 'console.log(`${greeting} '),
  );
  await workspace.commit('Two models, their data, a library and an app');
}

const command = (script: string, outputs: readonly string[] = []) => ({
  command: `node ${script}`,
  options: { cwd: '{projectRoot}' },
  cache: true,
  inputs: ['{projectRoot}/**/*', { externalDependencies: [] }],
  outputs,
});

const files: Readonly<Record<string, unknown>> = {
  'libs/features/project.json': { name: 'features', targets: { lint: command('--check src/greeting.js') } },
  'libs/features/src/greeting.ts': "export const greeting = 'Penguins:';\n",
  'libs/features/src/greeting.js': "exports.greeting = 'Penguins:';\n",
  'apps/web/project.json': {
    name: 'web',
    targets: {
      lint: command('--check main.mjs'),
      test: command('test.mjs', ['{projectRoot}/reports']),
      build: command('build.mjs', ['{projectRoot}/dist']),
      smoke: { command: 'node main.mjs', options: { cwd: '{projectRoot}' }, cache: false },
    },
  },
  'apps/web/main.mjs': "export const title = 'Penguins';\nconsole.log(title);\n",
  'apps/web/test.mjs': [
    "import { mkdirSync, writeFileSync } from 'node:fs';",
    "import { title } from './main.mjs';",
    "const good = title !== '';",
    "const failure = good ? '' : '<failure message=\"no title\"/>';",
    "mkdirSync('reports', { recursive: true });",
    'writeFileSync(\'reports/junit.xml\', `<testsuites><testsuite name="web" tests="1" failures="${good ? 0 : 1}"><testcase name="has a title" classname="web">${failure}</testcase></testsuite></testsuites>\\n`);',
    'process.exitCode = good ? 0 : 1;',
    '',
  ].join('\n'),
  'apps/web/build.mjs': [
    "import { cpSync, mkdirSync } from 'node:fs';",
    "mkdirSync('dist', { recursive: true });",
    "cpSync('main.mjs', 'dist/main.mjs');",
    '',
  ].join('\n'),
};
