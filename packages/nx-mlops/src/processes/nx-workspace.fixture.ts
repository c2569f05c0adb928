import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';

tmp.setGracefulCleanup();

/** A workspace whose nx is this script. */
export function workspaceWithNx(script: string): string {
  const root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  mkdirSync(join(root, 'node_modules/nx/bin'), { recursive: true });
  writeFileSync(
    join(root, 'node_modules/nx/package.json'),
    JSON.stringify({ name: 'nx', bin: { nx: './bin/it.js' } }),
  );
  writeFileSync(join(root, 'node_modules/nx/bin/it.js'), script);
  return root;
}
