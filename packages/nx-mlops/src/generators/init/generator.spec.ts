import { readJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { mlopsConfigSchema, parseConfig } from '@nx-mlops/core';
import initGenerator from './generator';

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
});

const text = (file: string) => tree.read(file, 'utf-8') ?? '';

describe('init', () => {
  it('registers the plugin and lets Nx read imports', async () => {
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'nx.json')).toMatchObject({
      plugins: ['nx-mlops'],
      pluginsConfig: { '@nx/js': { analyzeSourceFiles: true } },
    });
    expect(readJson(tree, 'package.json').devDependencies).toHaveProperty('typescript');
  });

  it('writes a valid mlops.json with staging and production', async () => {
    await initGenerator(tree, { skipFormat: true });
    const config = parseConfig(text('mlops.json'), mlopsConfigSchema, 'mlops.json');
    expect(config.environments.map(({ name }) => name)).toEqual(['staging', 'production']);
    expect(config.$schema).toBe('./node_modules/nx-mlops/schemas/mlops.schema.json');
  });

  it('tells git and npm what they should know', async () => {
    tree.write('.gitignore', 'dist');
    await initGenerator(tree, { skipFormat: true });
    expect(text('.gitignore')).toBe('dist\n.mlops/\n');
    expect(text('.npmrc')).toBe('onnxruntime-node-install=skip\n');
  });

  it('keeps Prettier off the locks, where it is used', async () => {
    await initGenerator(tree, { skipFormat: true });
    expect(tree.exists('.prettierignore')).toBe(false);
    tree.write('.prettierignore', 'dist\n');
    await initGenerator(tree, { skipFormat: true });
    await initGenerator(tree, { skipFormat: true });
    expect(text('.prettierignore')).toBe('dist\ndataset.lock.json\n');
  });

  it('changes nothing the second time', async () => {
    await initGenerator(tree, { skipFormat: true });
    const files = ['nx.json', 'mlops.json', '.gitignore', '.npmrc', 'package.json'];
    const before = files.map(text);
    await initGenerator(tree, { skipFormat: true });
    expect(files.map(text)).toEqual(before);
  });

  it('keeps what is there: plugins, comments, environments, versions', async () => {
    tree.write(
      'nx.json',
      '{\n  // ours\n  "plugins": [\n    // the first\n    { "plugin": "@nx/eslint/plugin", "options": {} }\n  ]\n}\n',
    );
    tree.write('mlops.json', '{ "environments": [{ "name": "live" }] }\n');
    tree.write('.npmrc', 'onnxruntime-node-install=cuda12\n');
    tree.write('.gitignore', '/.mlops/\r\ndist\r\n');
    tree.write('package.json', '{ "name": "w", "devDependencies": { "typescript": "5.4.5" } }\n');
    await initGenerator(tree, { skipFormat: true });
    expect(text('nx.json')).toContain('// ours');
    expect(text('nx.json')).toContain('// the first');
    expect(readJson(tree, 'nx.json').plugins).toEqual([
      { plugin: '@nx/eslint/plugin', options: {} },
      'nx-mlops',
    ]);
    expect(text('mlops.json')).toBe('{ "environments": [{ "name": "live" }] }\n');
    expect(text('.npmrc')).toBe('onnxruntime-node-install=cuda12\n');
    expect(text('.gitignore')).toBe('/.mlops/\r\ndist\r\n');
    expect(readJson(tree, 'package.json').devDependencies.typescript).toBe('5.4.5');
  });

  it('knows the plugin when it is registered with options', async () => {
    tree.write(
      'nx.json',
      '{ "plugins": [{ "plugin": "nx-mlops", "options": { "trainTargetName": "fit" } }] }\n',
    );
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'nx.json').plugins).toHaveLength(1);
  });

  it.each([
    ['says no to it', { '@nx/js': { analyzeSourceFiles: false } }],
    ['speaks of the plugin, which turns it on', { '@nx/js': { analyzePackageJson: true } }],
  ])('leaves the analysis of imports alone where nx.json %s', async (_, pluginsConfig) => {
    tree.write('nx.json', JSON.stringify({ pluginsConfig }));
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'nx.json').pluginsConfig).toEqual(pluginsConfig);
  });

  it('works without an nx.json', async () => {
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    tree.delete('nx.json');
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'nx.json').plugins).toEqual(['nx-mlops']);
  });

  it('leaves package.json alone when told to', async () => {
    const before = text('package.json');
    await initGenerator(tree, { skipFormat: true, skipPackageJson: true });
    expect(text('package.json')).toBe(before);
  });
});
