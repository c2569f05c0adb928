import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packages, repository } from './workspace/tarballs.mjs';

const script = join(repository, 'tools/clean-dist.mjs');

test('what an earlier build left is gone, with its build state, and sources stay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clean dist '));
  try {
    mkdirSync(join(folder, 'dist/moved'), { recursive: true });
    mkdirSync(join(folder, 'src'));
    for (const file of ['dist/moved/old.js', 'dist/.tsbuildinfo', 'src/index.ts'])
      writeFileSync(join(folder, file), '');
    execFileSync(process.execPath, [script], { cwd: folder });
    assert.equal(existsSync(join(folder, 'dist')), false);
    assert.equal(existsSync(join(folder, 'src/index.ts')), true);
    execFileSync(process.execPath, [script], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every package is built from a clean folder', () => {
  for (const name of packages) {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'packages', name, 'package.json'), 'utf8'));
    assert.match(scripts.build, /^node \.\.\/\.\.\/tools\/clean-dist\.mjs && tsc -b/, name);
  }
});
