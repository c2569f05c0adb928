import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packTarballs, packages, repository } from '../../tools/workspace/tarballs.mjs';

/** Everything in a tarball is for its users: code, types, schemas, templates. No spec, no source, no build state. */
describe('the tarballs', () => {
  let contents: Record<string, string[]>;

  beforeAll(async () => {
    const tarballs = await packTarballs();
    contents = Object.fromEntries(
      Object.entries(tarballs).map(([name, file]) => [
        name,
        execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
          .trim()
          .split('\n')
          .map((entry) => entry.replace(/^package\//, '')),
      ]),
    );
  });

  it.each(packages)('%s holds nothing but what its users need', (folder) => {
    const { name, main, bin = {} } = manifestOf(folder);
    const allowed =
      /^(package\.json|README\.md|LICENSE|(executors|generators)\.json|schemas\/[a-z]+\.schema\.json|dist\/.+\.(js|d\.ts|json)|dist\/generators\/[a-z-]+\/files\/.+)$/;
    expect(contents[name]!.filter((entry) => !allowed.test(entry))).toEqual([]);
    expect(
      contents[name]!.filter((entry) =>
        /(\.spec\.|\.tsbuildinfo|fixtures\/|golden\/|examples\/|testing\/)/.test(entry),
      ),
    ).toEqual([]);
    expect(contents[name]).toEqual(
      expect.arrayContaining(['package.json', 'LICENSE', 'README.md', main, ...Object.values(bin)]),
    );
  });

  it('nx-mlops holds every file that its executors.json and generators.json name', () => {
    const missing: string[] = [];
    for (const file of ['executors.json', 'generators.json']) {
      const collection = JSON.parse(readFileSync(join(repository, 'packages/nx-mlops', file), 'utf8'));
      for (const [name, entry] of Object.entries<{
        implementation?: string;
        factory?: string;
        schema: string;
      }>(collection.executors ?? collection.generators)) {
        for (const path of [entry.implementation ?? entry.factory ?? '', entry.schema]) {
          const plain = path.replace(/^\.\//, '');
          if (!contents['nx-mlops']!.some((item) => item === plain || item === `${plain}.js`))
            missing.push(`${file}: ${name}: ${path}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  it.each(packages)('%s declares every package that its code imports', (folder) => {
    const manifest = manifestOf(folder);
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
      manifest.name,
    ]);
    const undeclared = new Set<string>();
    for (const entry of contents[manifest.name]!.filter(
      (item) => item.endsWith('.js') && !item.includes('/files/'),
    )) {
      const code = readFileSync(join(repository, 'packages', folder, entry), 'utf8');
      for (const [, specifier] of code.matchAll(/(?:require|import)\(['"]([^'"./][^'"]*)['"]\)/g)) {
        if (specifier!.startsWith('node:')) continue;
        const name = specifier!
          .split('/')
          .slice(0, specifier!.startsWith('@') ? 2 : 1)
          .join('/');
        if (!declared.has(name)) undeclared.add(`${entry}: ${name}`);
      }
    }
    expect([...undeclared]).toEqual([]);
  });
});

interface Manifest {
  name: string;
  main: string;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(repository, 'packages', folder, 'package.json'), 'utf8'));
}
