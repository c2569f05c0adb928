import fc from 'fast-check';
import { lineSplitter, type OutputLine } from './output-lines';

function split(chunks: readonly string[]): OutputLine[] {
  const lines: OutputLine[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
}

const line = (text: string) => ({ text, transient: false });
const bar = (text: string) => ({ text, transient: true });

it.each([
  [['a\nb\n'], [line('a'), line('b')]],
  [['a\r\nb'], [line('a'), line('b')]],
  [
    ['a\r', '\nb'],
    [line('a'), line('b')],
  ],
  [['1 %\r2 %\rdone\n'], [bar('1 %'), bar('2 %'), line('done')]],
  [['a\n\nb\n'], [line('a'), line(''), line('b')]],
  [['ab', 'c', '\n'], [line('abc')]],
  [['bar\r'], [line('bar')]],
  [[], []],
])('cuts %j', (chunks, lines) => expect(split(chunks)).toEqual(lines));

it('gives the same lines however the text is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'ä', '\n', '\r', '\r\n', 'xyz'), { maxLength: 30 }),
      fc.array(fc.nat(6), { maxLength: 30 }),
      (parts, cuts) => {
        const text = parts.join('');
        const chunks: string[] = [];
        let rest = text;
        for (const cut of cuts) {
          chunks.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        chunks.push(rest);
        expect(split(chunks)).toEqual(split([text]));
      },
    ),
  );
});

it('lets a line without end go in pieces rather than keep it all', () => {
  expect(split(['x'.repeat(25_000)]).map(({ text }) => text.length)).toEqual([10_000, 10_000, 5_000]);
});
