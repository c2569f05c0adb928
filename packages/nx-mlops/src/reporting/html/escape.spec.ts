import fc from 'fast-check';
import { cutText, escapeHtml, foreignText } from './escape';
import { parseMarkup, textOf } from './markup.fixture';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const nasty = fc
  .array(fc.constantFrom('<', '>', '&', '"', "'", '\u0000', '\u202e', '\ud800', '&amp;', 'a', ']]>', '-->'))
  .map((parts) => parts.join(''));

it('makes any text safe between tags and inside attributes', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, nasty), (text) => {
      const element = parseMarkup(`<a b="${escapeHtml(text)}">${escapeHtml(text)}</a>`);
      expect(element.children.filter((child) => typeof child !== 'string')).toEqual([]);
      expect(element.attributes['b']).toBe(textOf(element));
    }),
  );
});

it('gives back plain text as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ' ', 'é', '日', '🐧', '\u200d') }),
      (text) => {
        expect(textOf(parseMarkup(`<a>${escapeHtml(text)}</a>`))).toBe(text);
      },
    ),
  );
});

it.each([
  ['a\u0000b', 'a␀b'],
  ['a\tb\r\nc\nd', 'a␉b⏎c⏎d'],
  ['a\u202eb', 'a\\u202eb'],
  ['a\u0085b', 'a\\u0085b'],
  ['a\ud83d', 'a\ufffd'],
])('shows what could not be seen in %j', (text, shown) => {
  expect(escapeHtml(text)).toBe(shown);
});

it('cuts long text, says how long it was, and parts no pair of surrogates', () => {
  expect(cutText('abcdef', 6)).toBe('abcdef');
  expect(cutText('abcdefg', 6)).toBe('abcdef… (7 characters)');
  expect(cutText('aaaaa🐧b', 6)).toBe('aaaaa… (8 characters)');
  expect(foreignText('שלום<', 10)).toBe('<bdi>שלום&lt;</bdi>');
});
