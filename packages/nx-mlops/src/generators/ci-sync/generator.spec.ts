import { logger, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { setJsonValue } from '../init/edit-json';
import ciGenerator from '../ci/generator';
import ciSyncGenerator from './generator';

let tree: Tree;
beforeEach(() => {
  jest.spyOn(logger, 'warn').mockImplementation(() => {});
  tree = createTreeWithEmptyWorkspace();
});
afterEach(() => jest.restoreAllMocks());

const text = (file: string) => tree.read(file, 'utf-8') ?? '';
const environments = (...names: string[]) =>
  tree.write(
    'mlops.json',
    setJsonValue(
      tree.exists('mlops.json') ? text('mlops.json') : '{}',
      ['environments'],
      names.map((name) => ({ name })),
    ),
  );

describe('nx-mlops:ci-sync', () => {
  it('does nothing without a pipeline', async () => {
    expect(await ciSyncGenerator(tree)).toBeUndefined();
    environments('staging');
    const before = tree.listChanges().length;
    expect(await ciSyncGenerator(tree)).toBeUndefined();
    expect(tree.listChanges()).toHaveLength(before);
  });

  it.each([
    ['github', '.github/workflows/nx-mlops.yml'],
    ['gitlab', '.gitlab/nx-mlops.gitlab-ci.yml'],
    ['jenkins', 'Jenkinsfile'],
  ] as const)('follows environments that come and go: %s', async (provider, file) => {
    environments('staging', 'production');
    await ciGenerator(tree, { provider, skipFormat: true });
    expect(await ciSyncGenerator(tree)).toBeUndefined();

    environments('staging', 'eu.west');
    expect(await ciSyncGenerator(tree)).toEqual({
      outOfSyncMessage: `${file} lacks eu.west and still has production; the environments of mlops.json are staging, eu.west.`,
    });
    expect(text(file)).toContain('--from=staging --to=eu.west');
    expect(text(file)).not.toContain('production');
    expect(await ciSyncGenerator(tree)).toBeUndefined();
  });

  it('says which file is missing, and that another reason is another', async () => {
    environments('staging');
    await ciGenerator(tree, { provider: 'github', skipFormat: true });
    tree.delete('.github/workflows/nx-mlops.yml');
    expect(await ciSyncGenerator(tree)).toEqual({
      outOfSyncMessage: '.github/workflows/nx-mlops.yml is missing.',
    });
    tree.write('mlops.json', setJsonValue(text('mlops.json'), ['ci', 'agents'], 2));
    expect((await ciSyncGenerator(tree))?.outOfSyncMessage).toMatch(/is not as mlops\.json/);
  });

  it('refuses to lose an edit', async () => {
    environments('staging');
    await ciGenerator(tree, { provider: 'jenkins', skipFormat: true });
    tree.write('Jenkinsfile', text('Jenkinsfile').replace('timestamps()', 'quietPeriod(5)'));
    await expect(ciSyncGenerator(tree)).rejects.toMatchObject({ code: 'MLOPS_CI_EDITED' });
  });
});
