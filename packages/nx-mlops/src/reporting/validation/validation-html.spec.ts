import fc from 'fast-check';
import { elementsOf, parseMarkup, textOf, type Element } from '../html/markup.fixture';
import { validationHtml } from '../validation-report';
import {
  check,
  hostile,
  numberColumn,
  profileOf,
  textColumn,
  validationOf,
} from './validation-report.fixture';

const profiles = [
  profileOf(
    'test',
    numberColumn('distance', [1, 5, 4, 0]),
    textColumn('origin', [
      ['JFK', 8],
      ['LAX', 2],
    ]),
  ),
  profileOf(
    'train',
    numberColumn('distance', [5, 5, 5, 5]),
    textColumn(
      'origin',
      [
        ['JFK', 10],
        ['SFO', 6],
      ],
      4,
    ),
  ),
];

function page(...args: Parameters<typeof validationHtml>): Element {
  return parseMarkup(validationHtml(...args));
}

function withClass(element: Element, name: string, className: string): Element[] {
  return elementsOf(element, name).filter(({ attributes }) =>
    attributes['class']?.split(' ').includes(className),
  );
}

it('asks nothing of the network and runs no script', () => {
  const html = validationHtml(validationOf(check()), profiles);
  const document = parseMarkup(html);
  for (const name of ['script', 'link', 'img', 'iframe', 'object', 'base', 'use', 'image']) {
    expect(elementsOf(document, name)).toEqual([]);
  }
  expect(html).not.toMatch(/https?:|url\(|@import|\son\w+=|javascript:/);
  expect(elementsOf(document, 'a').every(({ attributes }) => attributes['href']?.startsWith('#'))).toBe(true);
});

it('tells the verdict first, then what failed before what was warned of', () => {
  const document = page(
    validationOf(
      check({ verdict: 'pass', check: 'types' }),
      check({ verdict: 'info', check: 'leakage' }),
      check({ verdict: 'warn', check: 'skew' }),
      check({ verdict: 'fail', check: 'range' }),
      check({ verdict: 'skip', check: 'overlap', because: 'there is no key' }),
    ),
    profiles,
  );
  expect(withClass(document, 'p', 'verdict').map(textOf)).toEqual([
    '✗ Not valid1 check failed, 1 warning, 1 for information, 1 could not be judged, 1 passed.',
  ]);
  const findings = withClass(document, 'article', 'finding');
  expect(findings.map((finding) => textOf(elementsOf(finding, 'h3')[0] as Element))).toEqual([
    'range',
    'skew',
    'leakage',
  ]);
  expect(textOf(document)).toContain('There is no key.');
});

it('shows the rows that break a check, missing and empty values told apart', () => {
  const examples = [
    { row: 1204, values: { distance: -3, origin: '', late: null } },
    { row: 1300, values: { distance: -5, origin: 'JFK', late: true } },
  ];
  const [finding] = withClass(
    page(validationOf(check({ verdict: 'fail', failingRows: 70, examples })), []),
    'article',
    'finding',
  );
  expect(elementsOf(finding as Element, 'caption').map(textOf)).toEqual([
    'The first 2 of these rows in train',
  ]);
  expect(
    elementsOf(finding as Element, 'tr').map((row) => row.children.map((cell) => textOf(cell as Element))),
  ).toEqual([
    ['row', 'distance', 'origin', 'late'],
    ['1,204', '-3', '(empty)', 'missing'],
    ['1,300', '-5', 'JFK', 'true'],
  ]);
});

it('draws a column once, with all its splits in it and the reference first', () => {
  const document = page(validationOf(check()), profiles);
  expect(withClass(document, 'article', 'card')).toHaveLength(2);
  const [distance, origin] = elementsOf(document, 'svg');
  expect(textOf(elementsOf(distance as Element, 'title')[0] as Element)).toBe(
    'Distribution of distance in train, test',
  );
  expect(withClass(distance as Element, 'path', 'l').map(({ attributes }) => attributes['class'])).toEqual([
    'l l0',
    'l l1',
  ]);
  expect(textOf(elementsOf(origin as Element, 'desc')[0] as Element)).toBe(
    'train: JFK 50 %, SFO 30 %, LAX 0 %. test: JFK 80 %, SFO 0 %, LAX 20 %',
  );
  expect(textOf(document)).toContain('Other values: 20 % of train, 0 % of test.');
});

it('puts columns that a check complained of first, and repeats the complaint there', () => {
  const document = page(
    validationOf(check({ verdict: 'warn', column: 'origin', because: 'two new values' })),
    profiles,
  );
  const cards = withClass(document, 'article', 'card');
  expect(cards.map((card) => textOf(elementsOf(card, 'h3')[0] as Element))).toEqual(['origin', 'distance']);
  expect(textOf(elementsOf(cards[0] as Element, 'li')[0] as Element)).toBe(
    'warning train missing: two new values',
  );
});

it('can be read without eyes: titles of charts, scopes of headings, ids once', () => {
  const document = page(validationOf(check({ verdict: 'fail' })), profiles);
  const ids = everyElement(document).flatMap(({ attributes }) => attributes['id'] ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const svg of elementsOf(document, 'svg')) {
    expect(svg.attributes['role']).toBe('img');
    for (const id of (svg.attributes['aria-labelledby'] ?? '').split(' ')) expect(ids).toContain(id);
  }
  for (const heading of elementsOf(document, 'th'))
    expect(heading.attributes['scope']).toMatch(/^(row|col)$/);
  for (const link of elementsOf(document, 'a')) expect(ids).toContain(link.attributes['href']?.slice(1));
});

it('takes every text for text, wherever it comes from', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(hostile), fc.string({ unit: 'binary' }), fc.constant('x'.repeat(100_000))),
      (text) => {
        const document = page(
          {
            ...validationOf(
              check({
                check: text,
                split: text,
                column: text,
                because: text,
                verdict: 'fail',
                examples: [{ row: 1, values: { [text]: text } }],
              }),
              check({ check: text, split: text, verdict: 'skip', because: text }),
            ),
            dataset: text,
          },
          [
            profileOf(text, textColumn(text, [[text, 3]]), {
              ...numberColumn('date', [1]),
              type: 'date',
              minimum: text,
              maximum: text,
            }),
          ],
        );
        expect(elementsOf(document, 'script')).toEqual([]);
        expect(new Set(everyElement(document).map(({ name }) => name))).toEqual(
          new Set(
            everyElement(
              page(
                validationOf(
                  check({ verdict: 'fail', column: 'a', examples: [{ row: 1, values: { a: 1 } }] }),
                  check({ verdict: 'skip' }),
                ),
                [
                  profileOf('train', textColumn('a', [['b', 3]]), {
                    ...numberColumn('date', [1]),
                    type: 'date',
                  }),
                ],
              ),
            ).map(({ name }) => name),
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});

it.each([
  ['no profiles, as after a failed check', []],
  [
    'a split without rows',
    [profileOf('train', { ...numberColumn('a', []), histogram: undefined, minimum: undefined })],
  ],
  [
    'a column of one value',
    [profileOf('train', numberColumn('a', [7], { histogram: { edges: [3, 3], counts: [7] } }))],
  ],
  ['only missing values', [profileOf('train', { ...textColumn('a', []), rows: 5, missing: 5 })]],
  [
    'a column that one split alone has',
    [profileOf('train', numberColumn('a', [1, 2])), profileOf('test', textColumn('b', [['x', 2]]))],
  ],
  ['bins of no rows', [profileOf('train', numberColumn('a', [0, 0, 0]))]],
  [
    'numbers at the ends of the double',
    [
      profileOf(
        'train',
        numberColumn('a', [3, 4], { histogram: { edges: [-1.7e308, 0, 1.7e308], counts: [3, 4] } }),
      ),
    ],
  ],
])('draws nothing that is not a number: %s', (_, given) => {
  const html = validationHtml(validationOf(check()), given);
  parseMarkup(html);
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
});

it('stays below 5 MB with 500 columns, 20 splits, and a finding in each, and says what it left out', () => {
  const counts = Array.from({ length: 20 }, (_, index) => 1000 + ((index * 7919) % 977));
  const splits = Array.from({ length: 20 }, (_, index) => `split-${index}`);
  const columns = Array.from({ length: 500 }, (_, index) =>
    index % 2 === 0
      ? numberColumn(`a rather long name of column ${index}`, counts)
      : textColumn(
          `column ${index}`,
          Array.from({ length: 200 }, (_, value) => [`some value ${value}`, 300 - value]),
        ),
  );
  const checks = splits.flatMap((split) =>
    columns.map(({ name }) =>
      check({
        split,
        column: name,
        verdict: 'warn',
        because: `${'differs '.repeat(20)}from the reference`,
        examples: Array.from({ length: 20 }, (_, row) => ({
          row: row + 1,
          values: { [name]: 'v'.repeat(200) },
        })),
      }),
    ),
  );
  const html = validationHtml(
    validationOf(...checks),
    splits.map((split) => profileOf(split, ...columns)),
  );
  expect(Buffer.byteLength(html)).toBeLessThan(5e6);
  const text = textOf(parseMarkup(html));
  expect(text).toContain('Charts draw the first 4 of 20 splits');
  expect(text).toMatch(/The page has room for \d+ columns in full/);
  expect(text).toMatch(/[\d,]+ more checks not shown/);
});

it('gives the same bytes for the same report', () => {
  const validation = validationOf(check(), check({ verdict: 'fail' }));
  expect(validationHtml(structuredClone(validation), structuredClone(profiles))).toBe(
    validationHtml(validation, profiles),
  );
});

function everyElement(element: Element): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [child, ...everyElement(child)],
  );
}
