/**
 * Second half of the build of packages/nx-mlops: what tsc leaves behind. Copies the schema of each executor and
 * generator and the generators' templates into dist, and writes the JSON Schemas of the config files.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '../packages/nx-mlops');
const { configJsonSchemas } = createRequire(join(packageFolder, 'package.json'))('@nx-mlops/core');

for (const kind of ['executors', 'generators']) {
  for (const name of foldersIn(join(packageFolder, 'src', kind))) {
    const from = join(packageFolder, 'src', kind, name);
    const to = join(packageFolder, 'dist', kind, name);
    copy(join(from, 'schema.json'), join(to, 'schema.json'));
    // A template that was renamed must not stay in the package under its old name.
    rmSync(join(to, 'files'), { recursive: true, force: true });
    copy(join(from, 'files'), join(to, 'files'));
  }
}

const schemas = join(packageFolder, 'schemas');
rmSync(schemas, { recursive: true, force: true });
mkdirSync(schemas, { recursive: true });
for (const [file, schema] of Object.entries(configJsonSchemas())) {
  writeFileSync(join(schemas, file), `${JSON.stringify(schema, null, 2)}\n`);
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function copy(from, to) {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}
