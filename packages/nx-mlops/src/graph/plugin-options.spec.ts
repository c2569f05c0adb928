import { resolveOptions, type PluginOptions } from './plugin-options';

describe('resolveOptions', () => {
  it('names each target by its kind and takes the environments from mlops.json by default', () => {
    const { targetNames, environments } = resolveOptions(undefined);
    expect(targetNames).toMatchObject({ train: 'train', deploy: 'deploy', serve: 'serve' });
    expect(environments).toBeUndefined();
  });

  it('takes other names', () => {
    expect(resolveOptions({ trainTargetName: 'fit' }).targetNames.train).toBe('fit');
  });

  it.each([
    [{ trainTargtName: 'fit' }, 'trainTargtName is no option of nx-mlops. There are: lockTargetName'],
    [{ trainTargetName: '' }, 'trainTargetName must be a name'],
    [{ trainTargetName: 3 }, 'trainTargetName must be a name'],
    [
      { trainTargetName: 'deploy' },
      'trainTargetName gives the name "deploy", which deployTargetName has too',
    ],
    [{ environments: 'production' }, 'environments must be a list of names'],
    [{ environments: [1] }, 'environments must be a list of names'],
  ])('refuses %j', (options, message) => {
    expect(() => resolveOptions(options as PluginOptions)).toThrow(`nx.json: plugins: nx-mlops: ${message}`);
  });
});
