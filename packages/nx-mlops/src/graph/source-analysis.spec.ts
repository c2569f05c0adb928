import { asksForSourceAnalysis, isTypescriptInstalled } from './source-analysis';
import { dirSync } from 'tmp';

describe('asksForSourceAnalysis', () => {
  const js = (config: Record<string, unknown>) => ({ pluginsConfig: { '@nx/js': config } });
  it.each([
    ['nothing says so', {}, {}, false],
    ['there is no package.json', {}, undefined, false],
    ['nx.json says so', js({ analyzeSourceFiles: true }), {}, true],
    ['nx.json speaks of the plugin at all', js({ analyzePackageJson: true }), {}, true],
    [
      'nx.json says no, whatever is installed',
      js({ analyzeSourceFiles: false }),
      { devDependencies: { '@nx/js': '1' } },
      false,
    ],
    ['@nx/js is installed', {}, { devDependencies: { '@nx/js': '1' } }, true],
    ['@nx/react is a dependency', {}, { dependencies: { '@nx/react': '1' } }, true],
    ['only @nx/devkit is installed', {}, { devDependencies: { '@nx/devkit': '1' } }, false],
  ])('when %s', (_, nxJson, rootPackage, expected) => {
    expect(asksForSourceAnalysis(nxJson, rootPackage)).toBe(expected);
  });
});

describe('isTypescriptInstalled', () => {
  it('is true in this repository and false in an empty folder', () => {
    const folder = dirSync({ unsafeCleanup: true });
    expect(isTypescriptInstalled(__dirname)).toBe(true);
    expect(isTypescriptInstalled(folder.name)).toBe(false);
    folder.removeCallback();
  });
});
