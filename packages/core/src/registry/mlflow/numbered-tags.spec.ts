import fc from 'fast-check';
import { asciiJson, contested, tagsOf, textsOf, type Tag } from './numbered-tags';

const hash = 'abcdef0123456789';
const mapOf = (tags: readonly Tag[]) => new Map(tags.map(({ key, value }) => [key, value]));

describe('tagsOf', () => {
  it('names the number and the beginning of the hash', () => {
    expect(tagsOf('nx-mlops.event', 7, hash, '{}')).toEqual([
      { key: 'nx-mlops.event.000007.abcdef012345', value: '{}' },
    ]);
  });

  it('puts a long text into several, its beginning last', () => {
    const keys = tagsOf('e', 1, hash, 'x'.repeat(9001)).map(({ key, value }) => [key, value.length]);
    expect(keys).toEqual([
      ['e.000001.abcdef012345.2', 1],
      ['e.000001.abcdef012345.1', 4500],
      ['e.000001.abcdef012345', 4500],
    ]);
  });
});

describe('textsOf', () => {
  it('gives back what tagsOf was given, in order, whatever stands beside it', () => {
    const textArbitrary = fc.array(fc.string({ maxLength: 3000, size: 'max' }), { maxLength: 6 });
    fc.assert(
      fc.property(textArbitrary, (parts) => {
        const texts = [parts.join(''), 'short', ...parts];
        const tags = texts.flatMap((text, index) => tagsOf('e', index + 1, hash, text)).reverse();
        const others = [
          { key: 'team', value: 'growth' },
          { key: 'e', value: 'x' },
          { key: 'ee.000001.abcdef012345', value: 'x' },
          { key: 'e.one.abcdef012345', value: 'x' },
        ];
        expect(textsOf('e', mapOf([...others, ...tags])).map(({ text }) => text)).toEqual(texts);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves out a text whose beginning was not written', () => {
    const tags = tagsOf('e', 1, hash, 'x'.repeat(20_000));
    for (let written = 0; written < tags.length; written++) {
      expect(textsOf('e', mapOf(tags.slice(0, written)))).toEqual([]);
    }
    expect(textsOf('e', mapOf(tags))).toHaveLength(1);
  });

  it('counts on beyond six digits', () => {
    const tags = [1_000_000, 999_999].flatMap((number) => tagsOf('e', number, hash, 'x'));
    expect(textsOf('e', mapOf(tags)).map(({ number }) => number)).toEqual([999_999, 1_000_000]);
  });
});

describe('contested', () => {
  it('names the tags under one number', () => {
    const tags = [
      ...tagsOf('e', 1, hash, 'x'),
      ...tagsOf('e', 2, hash, 'x'.repeat(5000)),
      ...tagsOf('e', 2, `0${hash}`, 'y'),
    ];
    expect(contested(textsOf('e', mapOf(tags)))).toEqual(['e.000002.0abcdef01234', 'e.000002.abcdef012345']);
    expect(contested(textsOf('e', mapOf(tags.slice(0, 3))))).toEqual([]);
  });
});

describe('asciiJson', () => {
  it('means the same with nothing but ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'grapheme' }), (value, text) => {
        const written = asciiJson({ value, text });
        expect(written).toMatch(/^[\x20-\x7e]*$/);
        expect(written).not.toMatch(/[\u0080-\uffff]/);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }),
    );
  });
});
