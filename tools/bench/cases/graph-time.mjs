import { createRequire } from 'node:module';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Loads the plugin and calls its `createNodes` on every config of a workspace, in a new process. */
export default async function graphTime({ workspaceRoot, options }) {
  process.chdir(workspaceRoot);
  process.env.NX_WORKSPACE_ROOT_PATH = workspaceRoot;
  const files = (await readdir(join(workspaceRoot, 'ml')))
    .sort()
    .map((name) => `ml/${name}/${name === 'measures' ? 'dataset' : 'model'}.config.json`);
  const nxJsonConfiguration = JSON.parse(
    require('node:fs').readFileSync(join(workspaceRoot, 'nx.json'), 'utf8'),
  );
  const start = performance.now();
  const { createNodes } = require(join(workspaceRoot, 'node_modules/nx-mlops'));
  const loaded = performance.now();
  const context = { workspaceRoot, nxJsonConfiguration };
  const nodes = await createNodes[1](files, options, context);
  const first = performance.now();
  await createNodes[1](files, options, context);
  const second = performance.now();
  if (nodes.length !== files.length) throw new Error(`${nodes.length} projects of ${files.length}`);
  return {
    seconds: (first - start) / 1000,
    loadMilliseconds: loaded - start,
    newProcessMilliseconds: first - start,
    sameProcessMilliseconds: second - first,
    projects: nodes.length,
  };
}
