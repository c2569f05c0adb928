import fc from 'fast-check';
import { openMetricsText } from './openmetrics-text';
import { parseOpenMetrics } from './openmetrics.fixture';

it('writes what a strict reader reads back, whatever the labels and figures', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', '"', '\\', 'n', '{', '}', ',', '=', '#', ' ', 'é', '日', '🐧'),
      }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (text, value) => {
        const [family] = parseOpenMetrics(
          openMetricsText([{ name: 'a_b', help: text, samples: [{ labels: { c: text, d: '' }, value }] }]),
        );
        expect(family?.samples).toEqual([{ name: 'a_b', labels: { c: text, d: '' }, value: value + 0 }]);
      },
    ),
  );
});

it('holds to the grammar for text of any characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseOpenMetrics(
        openMetricsText([{ name: 'a', help: text, samples: [{ labels: { b: text }, value: 1 }] }]),
      );
    }),
  );
});

it('describes a family before its figures, and leaves out one that has none', () => {
  expect(
    openMetricsText([
      { name: 'size_bytes', unit: 'bytes', help: 'Size', samples: [{ labels: { m: 'x' }, value: 1e21 }] },
      { name: 'none', help: 'None', samples: [] },
    ]),
  ).toBe(
    '# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n# HELP size_bytes Size\nsize_bytes{m="x"} 1e+21\n# EOF\n',
  );
});

it.each([
  ['no end', '# TYPE a gauge\na 1\n'],
  ['a name with a dash', 'roc-auc 1\n# EOF\n'],
  ['two series alike', '# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n# EOF\n'],
  ['a family in two pieces', '# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# HELP a x\n# EOF\n'],
  ['an open quote', '# TYPE a gauge\na{b="1} 1\n# EOF\n'],
  ['a unit that the name lacks', '# TYPE a gauge\n# UNIT a bytes\na 1\n# EOF\n'],
])('the reader of this test refuses %s', (_, text) => {
  expect(() => parseOpenMetrics(text)).toThrow();
});
