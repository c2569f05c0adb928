import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelDevDependencies, nodeTypesVersion, ownVersion } from './versions';

const packages = join(__dirname, '../../../../..');
const manifest = (path: string) => JSON.parse(readFileSync(join(packages, path, 'package.json'), 'utf8'));

describe('what a generated model depends on', () => {
  const dependencies = modelDevDependencies();

  it.each(['runtime', 'server', 'training'])('@nx-mlops/%s is of our own version', (name) => {
    expect(dependencies[`@nx-mlops/${name}`]).toBe(manifest(name).version);
    expect(ownVersion()).toBe(manifest('nx-mlops').version);
  });

  it.each(['tfjs-core', 'tfjs-layers', 'tfjs-backend-wasm'])(
    '@tensorflow/%s is the one that we test with',
    (name) => {
      expect(dependencies[`@tensorflow/${name}`]).toBe(
        manifest('training').devDependencies[`@tensorflow/${name}`],
      );
    },
  );

  it('tsx is the one that trains, and the types those of the oldest Node', () => {
    expect(dependencies['tsx']).toBe(manifest('nx-mlops').dependencies.tsx);
    expect(nodeTypesVersion).toBe(manifest('..').devDependencies['@types/node']);
  });
});
