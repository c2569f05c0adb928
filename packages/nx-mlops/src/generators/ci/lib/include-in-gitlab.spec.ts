import { parse } from 'yaml';
import { includeInGitlab } from './include-in-gitlab';

const file = '.gitlab/nx-mlops.gitlab-ci.yml';
const ours = { local: file };

describe('includeInGitlab', () => {
  it('appends to a file without includes and touches nothing else', () => {
    const text = '# mine\ntest:\n    script: [make]   # odd indents\n';
    expect(includeInGitlab(text, file)).toBe(`${text}\ninclude:\n  - local: ${file}\n`);
  });

  it.each([
    ['a list', 'include:\n  - local: other.yml # why\n', [{ local: 'other.yml' }, ours]],
    ['a mapping', 'include:\n  local: other.yml # why\n', [{ local: 'other.yml' }, ours]],
    ['a path', 'include: other.yml # why\n', ['other.yml', ours]],
  ])('adds to %s and keeps comments', (_, text, expected) => {
    const result = includeInGitlab(text, file);
    expect(parse(result).include).toEqual(expected);
    expect(result).toContain('# why');
    expect(includeInGitlab(result, file)).toBe(result);
  });

  it('adds its stages to a list of stages, which would hide ours', () => {
    const text = 'stages: [build, deploy]\ntest:\n  stage: build\n  script: !reference [.x, script]\n';
    const result = includeInGitlab(text, file);
    expect(parse(result, { logLevel: 'silent' })).toMatchObject({
      stages: ['build', 'deploy', 'plan', 'check', 'report', 'promote', 'operate'],
      include: [ours],
    });
    expect(result).toContain('!reference');
    expect(includeInGitlab(result, file)).toBe(result);
  });

  it.each([`include: ${file}\n`, `include:\n  - /${file}\n`, `include:\n  - local: /${file}\n`])(
    'knows that it is there: %j',
    (text) => {
      expect(includeInGitlab(text, file)).toBe(text);
    },
  );
});
