/**
 * Runs the tests. `npm test`: build, lint, types, units and the core end-to-end suites. `npm run test:all` adds the
 * suites whose target is `e2e-all`: the version matrix, peers and whatever takes long.
 *
 * Everything goes through Nx, so what passed on the same inputs is read from the cache.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './workspace/run.mjs';
import { nxEnvironment, packTarballs, repository } from './workspace/tarballs.mjs';

const all = process.argv.includes('--all');
const started = performance.now();
const env = { ...nxEnvironment, NX_MLOPS_TARBALLS: 'ready' };

async function step(title, args) {
  console.log(`\n── ${title}`);
  const { code, seconds } = await run('npx', args, { cwd: repository, echo: true, env });
  console.log(`── ${title}: ${code === 0 ? 'ok' : `failed (code ${code})`} in ${seconds.toFixed(0)} s`);
  return code === 0;
}

// Stale tallies would count tests that did not run.
await rm(join(repository, 'tmp/test-results'), { recursive: true, force: true });

let passed = await step('build, lint, types, units', [
  'nx',
  'run-many',
  '-t',
  'build',
  'lint',
  'typecheck',
  'test',
  '--parallel=2',
]);
passed = (await step('lint tools and e2e', ['eslint', 'tools', 'e2e'])) && passed;
passed = (await step('format', ['prettier', '--check', '.', '--log-level', 'warn'])) && passed;
passed = (await step('reference pages', ['node', 'tools/docs/generate-reference.mjs', '--check'])) && passed;
passed =
  (await step('tools', [
    'node',
    '--test',
    '--test-concurrency=2',
    'tools/clean-dist.test.mjs',
    'tools/docs/reference.test.mjs',
    'tools/ci/workflow-parser.test.mjs',
    'tools/ci/workflow-run.test.mjs',
    'tools/ci/gitlab.test.mjs',
    'tools/ci/jenkins.test.mjs',
  ])) && passed;
if (passed) {
  await packTarballs();
  const targets = all ? ['e2e', 'e2e-all'] : ['e2e'];
  // Each suite has folders and ports of its own; those that measure time run alone.
  passed = await step('end to end', ['nx', 'run-many', '-t', ...targets, '--parallel=2']);
}
if (process.env.CI !== 'true' || !passed)
  await run(process.execPath, ['tools/tally.mjs'], { cwd: repository, echo: true });
console.log(
  `\n${passed ? 'All passed' : 'FAILED'} after ${((performance.now() - started) / 60_000).toFixed(1)} min`,
);
process.exitCode = passed ? 0 : 1;
