import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lintWorkflow } from './actionlint.mjs';
import { parseWorkflow } from './workflow-parser.mjs';

const good = `name: CI
on:
  pull_request:
jobs:
  check:
    runs-on: ubuntu-latest
    strategy:
      matrix: { shard: [1, 2] }
    steps:
      - uses: actions/checkout@v4
      - if: \${{ failure() }}
        run: echo \${{ matrix.shard }}
`;
const bad = [
  ['a key that is not there', good.replace('runs-on:', 'run-on:'), /run-on/, 6],
  ['a context that is not there', good.replace('matrix.shard }}', 'nope.shard }}'), /nope/, 12],
  ['an expression that cannot be parsed', good.replace('matrix.shard }}', 'matrix. }}'), /./, 12],
  [
    'a need that is not there',
    `${good}  next: { needs: nope, runs-on: x, steps: [{ run: echo }] }\n`,
    /nope/,
    13,
  ],
  ['text that is no YAML', good.replace('jobs:', 'jobs: ['), /./, undefined],
];

test('GitHub’s parser takes a good workflow and gives its template', async () => {
  const { errors, template } = await parseWorkflow(good);
  assert.deepEqual(errors, []);
  assert.equal(template.jobs.length, 1);
});
for (const [what, text, message, line] of bad)
  test(`GitHub’s parser finds ${what}`, async () => {
    const { errors } = await parseWorkflow(text);
    assert.match(errors.map((each) => each.message).join('\n'), message);
    if (line !== undefined) assert.equal(errors[0].line, line, JSON.stringify(errors));
  });

test('actionlint takes a good workflow and finds what is wrong in the others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'action lint '));
  const file = join(folder, 'ci.yml');
  await writeFile(file, good);
  assert.deepEqual(await lintWorkflow(file), []);
  for (const [what, text] of bad) {
    await writeFile(file, text);
    const findings = await lintWorkflow(file);
    assert.ok(findings.length > 0, what);
    assert.ok(findings[0].line > 0 && findings[0].message !== '');
  }
  await rm(folder, { recursive: true });
});
