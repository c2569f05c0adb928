import { callersFolder, locateProject, siblingOf } from './project-location';
import { workspaceRoot } from '@nx/devkit';
import { join } from 'node:path';

describe('locateProject', () => {
  it.each<[string, string | undefined, string, string]>([
    ['m', undefined, '', 'm'],
    ['m', undefined, 'ml', 'ml/m'],
    ['m', 'ml/churn', '', 'ml/churn'],
    ['m', './ml/churn/', '', 'ml/churn'],
    ['m', 'churn', 'ml', 'ml/churn'],
    ['m', 'ml/churn', 'ml', 'ml/churn'],
    ['m', 'ml\\churn', '', 'ml/churn'],
    ['m', '../other/m', 'ml', 'other/m'],
    ['m', 'with space', '', 'with space'],
  ])('%s with --directory=%s called from "%s" goes to %s', (name, directory, cwd, root) => {
    expect(locateProject({ name, ...(directory === undefined ? {} : { directory }) }, cwd)).toEqual({
      name,
      root,
    });
  });

  it.each(['..', '../x', 'a/../../x', '/abs', 'C:\\abs'])('refuses %s', (directory) => {
    expect(() => locateProject({ name: 'm', directory }, '')).toThrow(/not in this workspace/);
  });

  it.each(['', 'a b', 'a/b', '@acme/m', '.m', '-m', 'm:x'])('refuses the name "%s"', (name) => {
    expect(() => locateProject({ name }, '')).toThrow(/cannot name a project/);
  });
});

describe('callersFolder', () => {
  it('is where the user stood before the package manager changed the folder', () => {
    expect(callersFolder({ INIT_CWD: join(workspaceRoot, 'ml') }, workspaceRoot)).toBe('ml');
  });

  it('is the working directory otherwise, and the workspace when that is elsewhere', () => {
    expect(callersFolder({}, join(workspaceRoot, 'a', 'b'))).toBe('a/b');
    expect(callersFolder({ INIT_CWD: '/elsewhere' }, workspaceRoot)).toBe('');
    expect(callersFolder({}, join(workspaceRoot, '..'))).toBe('');
  });
});

describe('siblingOf', () => {
  it('is in the same parent folder', () => {
    expect(siblingOf({ name: 'm', root: 'ml/m' }, 'm-data')).toEqual({ name: 'm-data', root: 'ml/m-data' });
    expect(siblingOf({ name: 'm', root: 'm' }, 'm-data')).toEqual({ name: 'm-data', root: 'm-data' });
  });
});
