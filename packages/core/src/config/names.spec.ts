import fc from 'fast-check';
import { fileNameOfProject, safeName } from './names';

describe('safeName', () => {
  it.each(['train', 'v1.2', '2026-11', 'a_b', 'x'.repeat(100)])('takes %p', (name) => {
    expect(safeName.safeParse(name).success).toBe(true);
  });

  it.each(['', '.', '..', '../x', '.hidden', '-x', 'a b', 'a/b', 'a\\b', 'a:b', 'ä', 'a\n', 'x'.repeat(101)])(
    'refuses %p',
    (name) => {
      expect(safeName.safeParse(name).success).toBe(false);
    },
  );
});

describe('fileNameOfProject', () => {
  it.each([
    ['flight-delay', 'flight-delay'],
    ['@acme/churn', 'acme-churn'],
    ['team/models/churn', 'team-models-churn'],
    ['my model', 'my-model'],
  ])('of %p is %p', (project, expected) => {
    expect(fileNameOfProject(project)).toBe(expected);
  });

  it('leaves a safe name as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/), (name) => {
        expect(fileNameOfProject(name)).toBe(name);
      }),
    );
  });

  it('never holds a separator', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(fileNameOfProject(name)).toMatch(/^[A-Za-z0-9._-]*$/);
      }),
    );
  });
});
