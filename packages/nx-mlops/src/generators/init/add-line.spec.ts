import fc from 'fast-check';
import { addLine } from './add-line';

describe('addLine', () => {
  it.each([
    ['no file', undefined, '.mlops/\n'],
    ['an empty file', '', '.mlops/\n'],
    ['no line break at the end', 'dist', 'dist\n.mlops/\n'],
    ['Windows line breaks', 'dist\r\n', 'dist\r\n.mlops/\r\n'],
    ['the line already', 'a\n.mlops/\nb', 'a\n.mlops/\nb'],
    ['another spelling of it', '.mlops', '.mlops'],
    ['only a part of it', 'x.mlops/\n', 'x.mlops/\n.mlops/\n'],
  ])('appends to %s', (_, text, expected) => {
    expect(addLine(text, '.mlops/', ['.mlops'])).toBe(expected);
  });

  it('keeps every line that was there and is idempotent', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z#*/.]*$/)), (lines) => {
        const text = lines.join('\n');
        const once = addLine(text, '.mlops/');
        expect(once.startsWith(text)).toBe(true);
        expect(addLine(once, '.mlops/')).toBe(once);
      }),
    );
  });
});
