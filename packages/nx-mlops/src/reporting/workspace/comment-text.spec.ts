import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { codeText, plainText, sentenceText } from './comment-text';
import { markupTable } from './markdown-table';

const markdown = new MarkdownIt({ html: true, linkify: true });
// GitHub makes no link of a bare host; `www.` has a test of its own.
markdown.linkify.set({ fuzzyLink: false });

/** Text of HTML as a reader sees it, marks without width left out. */
function seen(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&amp;/g, '&')
    .replace(/\u200B/g, '')
    .trim();
}

/** Texts of what people type and of what could be taken for markup. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      ...'|`*_<>[]()!#@&\\~$:/.-+=1aw{}"\' \n\r\t%',
      '\\|',
      '](',
      'www.',
      'https://',
      'a@b.co',
      '<b>',
      '-->',
    ),
    maxLength: 20,
  }),
);
const oneLine = (value: string) => value.replace(/\p{Cc}+/gu, ' ').trim();

describe.each([
  ['plainText', plainText],
  ['codeText', codeText],
])('%s', (name, escape) => {
  const tags = name === 'codeText' ? ['<code>', '</code>'] : [];

  it('is shown letter by letter and makes no markup, in a table', () => {
    fc.assert(
      fc.property(text, (value) => {
        const html = markdown.render(
          markupTable({ header: ['a', 'b'], rows: [[escape(value), 'end']] }).join('\n'),
        );
        const cells = [...html.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map((match) => match[1] ?? '');
        expect(cells).toHaveLength(2);
        expect(cells[1]).toBe('end');
        expect(cells[0]?.match(/<[^>]*>/g) ?? []).toEqual(tags);
        expect(seen(cells[0] ?? '').replace(/\s+/g, ' ')).toBe(oneLine(value).replace(/\s+/g, ' '));
      }),
      { numRuns: 500 },
    );
  });

  it('is shown letter by letter in a paragraph and in a heading', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', '## ', '- '), (value, lead) => {
        const html = markdown.render(`${lead}x ${escape(value)} y`);
        const inner = html.replace(/<\/?(p|h2|ul|li)>/g, '');
        expect(inner.match(/<[^>]*>/g) ?? []).toEqual(tags);
        expect(seen(html).replace(/\s+/g, ' ')).toBe(`x ${oneLine(value)} y`.replace(/\s+/g, ' '));
      }),
      { numRuns: 500 },
    );
  });

  it('begins no block when it begins a line', () => {
    fc.assert(
      fc.property(
        text.filter((value) => oneLine(value) !== ''),
        (value) => {
          expect(markdown.render(escape(value))).toMatch(/^<p>[^]*<\/p>\n$/);
          expect(markdown.render(escape(value)).match(/<(?!\/?(p|code)>)[^>]*>/)).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('sentenceText', () => {
  it('sets commands as code, to be copied', () => {
    expect(sentenceText('Not trained. `nx run @acme/a:gate` does it, says @ann.')).toBe(
      'Not trained. <code>nx run @acme/a:gate</code> does it, says \u200B@\u200Bann.',
    );
    expect(sentenceText('an odd ` <b>')).toBe('an odd &#96; &#60;b&#62;');
  });
});

describe('codeText', () => {
  it('leaves a scoped name whole, to be copied, and makes no link of an e-mail', () => {
    expect(codeText('@acme/basket-value')).toBe('<code>@acme/basket-value</code>');
    expect(markdown.render(codeText('ann@example.org'))).not.toContain('<a');
  });
});

describe('plainText', () => {
  it.each(['@ann', 'mail ann@example.org', '@acme/team'])('mentions nobody in %s', (value) => {
    expect(seen(markdown.render(plainText(value)))).toBe(value);
    expect(markdown.render(plainText(value))).not.toMatch(/@\w/);
  });

  it.each(['#12', 'acme/shop#12', '!34', '%5', '$6', '~bug', 'GH-7', '&8'])(
    'refers to nothing with %s',
    (value) => {
      // What GitHub and GitLab look for stands at the beginning of what follows the sign; now a mark without width does.
      expect(markdown.render(plainText(value))).toMatch(/[#!%$~-]\u200B|&amp;\u200B/);
    },
  );

  it.each(['https://example.org/x', 'www.example.org', 'feature/see-https://evil.example', 'HTTP://x.y'])(
    'links to nothing with %s',
    (value) => {
      expect(plainText(value)).not.toMatch(/:\/\/|www\./i);
      expect(markdown.render(plainText(value))).not.toContain('<a');
    },
  );

  it('makes marks of writing direction visible and leaves one line', () => {
    expect(plainText('a\u202Eb\r\nc\u2028d')).toBe('aU+202Eb c d');
  });

  it('cuts what is long and says so', () => {
    expect(plainText('x'.repeat(500), 10)).toBe('xxxxxxxxxx… (500 characters)');
  });
});
