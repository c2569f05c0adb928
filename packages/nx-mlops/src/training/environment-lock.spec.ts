import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from '@nx-mlops/core';
import tmp from 'tmp';
import { environmentLock } from './environment-lock';

tmp.setGracefulCleanup();

it.each([
  ['src/train.ts', ['package-lock.json', 'uv.lock'], 'package-lock.json'],
  ['src/train.py', ['package-lock.json', 'requirements.txt', 'uv.lock'], 'uv.lock'],
  ['src/train.py', ['package-lock.json'], 'package-lock.json'],
  [undefined, ['pnpm-lock.yaml', 'poetry.lock'], 'poetry.lock'],
  ['src/train.ts', [], undefined],
])('of %p among %j is %p', async (entry, files, expected) => {
  const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a workspace ' }).name;
  for (const file of files) writeFileSync(join(folder, file), file);
  expect(await environmentLock(folder, entry)).toEqual(
    expected === undefined ? undefined : { file: expected, sha256: sha256OfBytes(expected) },
  );
});
