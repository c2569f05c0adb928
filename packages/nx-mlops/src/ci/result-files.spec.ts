import fc from 'fast-check';
import { posix } from 'node:path';
import { resultPlace } from './result-files';

const globs = ['dist/reports/**/junit.xml'];

describe('resultPlace', () => {
  it.each([
    ['ml/late/.mlops/gate/gate.json', 'ml/late/.mlops/gate'],
    ['ml/late/.mlops/model/model.manifest.json', 'ml/late/.mlops/model'],
    ['.mlops/evaluation/predictions/scores.npy', '.mlops/evaluation'],
    ['data/f/.mlops/validation-failed/report.md', 'data/f/.mlops/validation-failed'],
    ['dist/reports/a/b/junit.xml', undefined],
  ])('takes %s', (path, folder) => {
    expect(resultPlace(path, globs)).toEqual({ folder });
  });

  it.each([
    'ml/late/.mlops/model/model.onnx',
    'ml/late/.mlops/model/MODEL.ONNX',
    'ml/late/.mlops/gate',
    'ml/late/.mlops/checkpoints/1.bin',
    '.mlops/ci/state.json',
    '.mlops/store/x',
    'package.json',
    'dist/reports/../../junit.xml',
    '../other/.mlops/gate/gate.json',
    'ml/../../.mlops/gate/gate.json',
    '/etc/.mlops/gate/gate.json',
    'ml/.git/.mlops/gate/gate.json',
    'node_modules/x/.mlops/gate/gate.json',
    String.raw`ml\..\..\x/.mlops/gate/gate.json`,
    'C:/x/.mlops/gate/gate.json',
    '',
  ])('refuses "%s"', (path) => {
    expect(resultPlace(path, globs)).toBeUndefined();
  });

  it('refuses what is ours alone even where a glob names it', () => {
    expect(resultPlace('.mlops/ci/state.json', ['**/*.json'])).toBeUndefined();
    expect(resultPlace('.git/hooks/x.json', ['**/*.json'])).toBeUndefined();
  });

  it('takes nothing that leads out of the workspace', () => {
    const part = fc.constantFrom('..', '.', '', 'a', '.mlops', 'gate', 'model', 'x.json', '\\', '.git');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = parts.join('/');
        if (resultPlace(path, ['**']) === undefined) return;
        expect(posix.normalize(path)).toBe(path);
        expect(path).not.toMatch(/^(\/|\.\.)|\.git|\\/);
      }),
    );
  });
});
