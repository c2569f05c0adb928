import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../workspace/run.mjs';
import { repository } from '../workspace/tarballs.mjs';
import { installedTool } from './installed-tool.mjs';

const ENTRY = `
export { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } from '@actions/workflow-parser';
export { ErrorPolicy } from '@actions/workflow-parser/model/convert';
export { Lexer, Parser, Evaluator, data } from '@actions/expressions';
export { parse as parseYaml } from 'yaml';
`;

/** A program of its own, since esbuild refuses to run among the globals of Jest. */
const bundleTo = (file) => `
import { buildSync } from 'esbuild';
buildSync(${JSON.stringify({
  stdin: { contents: ENTRY, resolveDir: repository },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  logLevel: 'warning',
  outfile: file,
})});
`;

let loaded;

/**
 * GitHub's own parser of workflows and evaluator of expressions. They import JSON in a way that Node refuses, so that a
 * bundle of them is what runs.
 */
export function actionsLibraries() {
  loaded ??= load();
  return loaded;
}

async function load() {
  const { version } = JSON.parse(
    readFileSync(join(repository, 'node_modules/@actions/workflow-parser/package.json'), 'utf8'),
  );
  const folder = await installedTool(
    `actions-libraries-${version}`,
    (making) =>
      run(process.execPath, ['--input-type=module', '--eval', bundleTo(join(making, 'index.cjs'))], {
        cwd: repository,
      }),
    'They come from node_modules and are bundled by esbuild: run npm ci.',
  );
  return createRequire(import.meta.url)(join(folder, 'index.cjs'));
}
