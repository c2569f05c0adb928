import fc from 'fast-check';
import { digestOf, isEdited, markedPart, markedParts, withPartsOf } from './marked-parts';

const line = fc.stringMatching(/^[ a-z:"'{}]*$/).filter((text) => text.trim() !== '');
const body = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'));

describe('marked parts', () => {
  it('are read as they were written, whatever is around them', () => {
    fc.assert(
      fc.property(
        body,
        body,
        fc.constantFrom('#' as const, '//' as const),
        fc.nat(8),
        (text, around, sign, indent) => {
          const file = `${around}\n${markedPart('a', text, sign, indent)}${around}\n`;
          const [part, ...others] = markedParts(file);
          expect(others).toEqual([]);
          expect(part).toMatchObject({ name: 'a' });
          expect(digestOf(part?.body ?? '')).toBe(digestOf(text));
          expect(isEdited(part as NonNullable<typeof part>)).toBe(false);
        },
      ),
    );
  });

  it('are not edited by other indents, line breaks and quotes, but by another word', () => {
    const part = (text: string) => ({ name: 'a', body: text, digest: digestOf("a: 'b'\nc: d") });
    expect(isEdited(part('  a: "b"\r\n  c: d\r\n'))).toBe(false);
    expect(isEdited(part("a: 'b'\nc: e"))).toBe(true);
  });

  it('without an end are none', () => {
    expect(markedParts(markedPart('a', 'x', '#').replace('end a', 'end b'))).toEqual([]);
  });
});

describe('withPartsOf', () => {
  it('changes only what is between the marks', () => {
    fc.assert(
      fc.property(body, body, body, body, (before, after, old, fresh) => {
        const file = (text: string) => `${before}\n${markedPart('a', text, '#')}${after}\n`;
        const wanted = `other\n${markedPart('a', fresh, '#')}`;
        const result = withPartsOf(file(old), wanted);
        expect(digestOf(result)).toBe(digestOf(file(fresh)));
        expect(withPartsOf(result, wanted)).toBe(result);
      }),
    );
  });

  it('keeps how a formatter wrote the same', () => {
    const formatted = markedPart('a', "x:  'y'", '#').replace("'y'", '"y"');
    expect(withPartsOf(formatted, markedPart('a', "x: 'y'", '#'))).toBe(formatted);
  });

  it('takes no dollar sign for a pattern', () => {
    const wanted = markedPart('a', "x: ${{ y }} $& $1 $'", '#');
    expect(withPartsOf(markedPart('a', 'old', '#'), wanted)).toBe(wanted.trimEnd() + '\n');
  });

  it('does not bring back a part whose marks are gone', () => {
    const file = `${markedPart('a', 'x', '#')}y\n`;
    expect(withPartsOf(file, `${markedPart('a', 'x', '#')}${markedPart('b', 'z', '#')}`)).toBe(file);
  });
});
