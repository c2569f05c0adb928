import fc from 'fast-check';
import { elementsOf, parseMarkup, textOf, type Element } from '../html/markup.fixture';
import { hostile } from '../validation/validation-report.fixture';
import { evaluationHtml } from './evaluation-html';
import type { GateFilesInput } from './gate-files-input';
import {
  binaryFailed,
  binaryInconclusive,
  binaryPassed,
  customWithoutGates,
  gate,
  gatedModels,
  multiclass,
  ranking,
  regression,
  reportOf,
  withTexts,
} from './gated-model.fixture';

async function page(input: GateFilesInput): Promise<Element> {
  return parseMarkup(await evaluationHtml(input));
}

function withClass(element: Element, name: string, className: string): Element[] {
  return elementsOf(element, name).filter(({ attributes }) =>
    attributes['class']?.split(' ').includes(className),
  );
}

function everyElement(element: Element): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [child, ...everyElement(child)],
  );
}

function charts(document: Element): string[] {
  return withClass(document, 'article', 'card').map((card) => textOf(elementsOf(card, 'h3')[0]!));
}

function rowsOf(document: Element, label: string): string[][] {
  const region = elementsOf(document, 'div').find(({ attributes }) => attributes['aria-label'] === label);
  return elementsOf(region!, 'tr').map((row) => row.children.map((cell) => textOf(cell as Element)));
}

describe.each(Object.entries(gatedModels))('%s', (_, model) => {
  it('asks nothing of the network and runs no script', async () => {
    const html = await evaluationHtml(model());
    const document = parseMarkup(html);
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'base', 'use', 'image']) {
      expect(elementsOf(document, name)).toEqual([]);
    }
    expect(html).not.toMatch(/https?:|url\((?!#)|@import|\son\w+=|javascript:|xmlns/);
  });

  it('can be read without eyes: titles of charts, scopes of headings, ids once', async () => {
    const document = await page(model());
    const ids = everyElement(document).flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const svg of elementsOf(document, 'svg')) {
      if (svg.attributes['aria-hidden'] === 'true') continue;
      expect(svg.attributes['role']).toBe('img');
      for (const id of (svg.attributes['aria-labelledby'] ?? '').split(' ')) expect(ids).toContain(id);
      expect(textOf(elementsOf(svg, 'desc')[0]!).length).toBeGreaterThan(20);
    }
    for (const heading of elementsOf(document, 'th')) {
      expect(heading.attributes['scope']).toMatch(/^(row|col)$/);
    }
    for (const link of elementsOf(document, 'a')) expect(ids).toContain(link.attributes['href']?.slice(1));
  });

  it('is a page that a browser opens gladly', async () => {
    expect(Buffer.byteLength(await evaluationHtml(model()))).toBeLessThan(200_000);
  });
});

it.each([
  [binaryFailed, 'fail', '✗ Gates failed'],
  [binaryPassed, 'pass', '✓ Gates passed'],
  [binaryInconclusive, 'warn', '✓ Gates passed, not all decided'],
  [multiclass, 'fail', '✗ Gates failed'],
  [customWithoutGates, 'skip', '– No gates'],
])('tells the verdict first', async (model, tone, words) => {
  const [verdict] = withClass(await page(model()), 'p', 'verdict');
  expect(verdict?.attributes['class']).toBe(`verdict ${tone}`);
  expect(textOf(elementsOf(verdict!, 'strong')[0]!)).toBe(words);
});

it('says above all else why the build fails', async () => {
  const document = await page(binaryFailed());
  const [header] = elementsOf(document, 'header');
  const reasons = elementsOf(withClass(header!, 'ul', 'reasons')[0]!, 'li').map(textOf);
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toMatch(/^failed roc-auc versus production Worse than production v12 by 0\.0154/);
  expect(reasons[1]).toMatch(/^failed roc-auc >= 0\.66 on origin=EWR 0\.612 is below 0\.66/);
});

it('lists every gate, those that block first, with its bar on the scale of its metric', async () => {
  const gates = elementsOf(withClass(await page(binaryFailed()), 'ul', 'gates')[0]!, 'li');
  expect(gates.map((item) => textOf(elementsOf(item, 'h3')[0]!))).toEqual([
    'roc-auc versus production',
    'roc-auc >= 0.66 on origin=EWR',
    'log-loss versus production',
    'latency-p95 <= 0.05',
    'roc-auc >= 0.66 on origin=(missing)',
    'roc-auc versus last-release',
    'roc-auc >= 0.6',
    'roc-auc >= 0.66 on origin=JFK',
    'roc-auc >= 0.66 on origin=LGA',
    'selection-rate-ratio >= 0.8 by carrier_group',
  ]);
  const limitOf = (index: number) =>
    withClass(gates[index]!, 'path', 'lim').map(({ attributes }) => attributes['d']);
  expect(limitOf(1)).toEqual(limitOf(7));
  expect(elementsOf(gates[5]!, 'svg')).toEqual([]);
});

it('puts challenger and champion side by side, with what was shown of the difference', async () => {
  const rows = rowsOf(await page(binaryFailed()), 'Metrics of this model and of those it is compared with');
  expect(rows[0]).toEqual([
    'metric',
    'this model',
    'production v12',
    'difference',
    'without features: prior',
  ]);
  expect(rows[1]).toEqual([
    'roc-auc\u00A0↑Area under the ROC curve',
    '0.73120.7151 to 0.7473',
    '0.74660.7302 to 0.763',
    'worse−0.0154 (−0.0231 to −0.0077)',
    '0.5',
  ]);
  expect(rows[2]?.[3]).toBe('not compared');
});

it('shows a version once that two gates name otherwise, with both names', async () => {
  const input = binaryFailed();
  const [production, ...others] = input.report.baselines;
  const twice = { ...production!, name: 'merge-base' };
  const report = { ...input.report, baselines: [production!, twice, ...others] };
  const rows = rowsOf(
    await page({ ...input, report }),
    'Metrics of this model and of those it is compared with',
  );
  expect(rows[0]?.slice(2, 4)).toEqual(['production, merge-base v12', 'difference']);
  expect(rows[1]?.[3]).toMatch(/^worse/);
});

it('draws what the evaluation of each task has', async () => {
  expect(charts(await page(binaryFailed()))).toEqual([
    'ROC curve',
    'Precision and recall',
    'Reliability',
    'Threshold',
  ]);
  expect(charts(await page(multiclass()))).toEqual(['Reliability']);
  expect(charts(await page(regression()))).toEqual(['Residuals', 'Prediction against target']);
  expect(charts(await page(ranking()))).toEqual([]);
});

it('draws the champion in the chart of the challenger when both are of the same rows', async () => {
  const input = binaryFailed();
  const legend = async (given: GateFilesInput) => {
    const chart = elementsOf(await page(given), 'svg').find(
      ({ attributes }) => attributes['aria-labelledby'] === 'roc-t roc-d',
    );
    return elementsOf(chart!, 'text')
      .map(textOf)
      .filter((text) => /model|production/.test(text));
  };
  expect(await legend(input)).toEqual(['this model', 'production v12']);
  const champion = input.baselines.get('production')!;
  const elsewhere = { ...champion, test: { ...champion.test, sha256: 'f'.repeat(64) } };
  expect(await legend({ ...input, baselines: new Map([['production', elsewhere]]) })).toEqual([]);
});

it('thins lines to 300 points, however many there are', async () => {
  const input = binaryFailed();
  const roc = Array.from({ length: 5000 }, (_, index): [number, number] => [
    index / 4999,
    Math.sqrt(index / 4999),
  ]);
  const document = await page({
    ...input,
    baselines: new Map(),
    evaluation: { ...input.evaluation, curves: { roc } },
  });
  const longest = Math.max(
    ...elementsOf(document, 'path').map(({ attributes }) => attributes['d']?.split('L').length ?? 0),
  );
  expect(longest).toBe(300);
});

it('shows the confusion of two and of many classes', async () => {
  const rows = rowsOf(await page(multiclass()), 'Confusion matrix');
  expect(rows[0]).toEqual(['', 'bus', 'car', 'cycle', 'truck', 'rows']);
  expect(rows[1]).toEqual(['bus', '21083 %', '218.3 %', '31.2 %', '187.1 %', '252']);
  const classes = Array.from({ length: 40 }, (_, index) => `class ${index}`);
  const confusion = classes.map((_, row) =>
    classes.map((__, column) => (row === column ? 90 : row === 3 && column === 7 ? 10 : 0)),
  );
  const input = multiclass();
  const many = await page({ ...input, evaluation: { ...input.evaluation, classes, confusion } });
  expect(rowsOf(many, 'The most frequent confusions of 40 classes')).toEqual([
    ['true class', 'predicted', 'rows', 'of the class'],
    ['class 3', 'class 7', '10', '10 %'],
  ]);
});

it('shows slices of concern first, and names the gates and flags', async () => {
  const rows = rowsOf(await page(binaryFailed()), 'Slices by roc-auc, those of concern first');
  expect(rows.map(([name]) => name).slice(1, 4)).toEqual([
    'origin = EWR',
    'hour = 23found by itself',
    'origin = (missing)',
  ]);
  expect(rows[1]?.[4]).toBe('failed roc-auc >= 0.66 on origin=EWR flagged worse roc-auc, p 0.004');
});

it('tells what the figures are of', async () => {
  const text = textOf(await page(binaryFailed()));
  for (const fact of [
    '0.27, chosen on flights:validation: largest f1',
    '{"epochs":5,"learning-rate":0.01}',
    'flights:train, 120,000 rows',
    'predicted anew on these rows',
    'AMD EPYC 9R14',
    'The slice origin = (missing) has 31 rows',
    'No last-release to compare with: Nothing was released yet.',
  ]) {
    expect(text).toContain(fact);
  }
});

it('takes every text for text, wherever it comes from', async () => {
  const names = async (input: GateFilesInput) =>
    new Set(everyElement(await page(input)).map(({ name }) => name));
  const plain = await names(withTexts(binaryFailed(), 'plain'));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constant(hostile), fc.string({ unit: 'binary' }), fc.constant('x'.repeat(50_000))),
      async (text) => {
        const html = await evaluationHtml(withTexts(binaryFailed(), text));
        expect(new Set(everyElement(parseMarkup(html)).map(({ name }) => name))).toEqual(plain);
        expect(Buffer.byteLength(html)).toBeLessThan(400_000);
      },
    ),
    { numRuns: 8 },
  );
}, 60_000);

it('stays below 1 MB with thousands of gates and slices, and says what it left out', async () => {
  const input = binaryFailed();
  const slices = Array.from({ length: 3000 }, (_, index) => ({
    ...input.evaluation.slices[0]!,
    value: `a rather long value ${index}`,
  }));
  const gates = slices.map(({ column, value, rows }) =>
    gate({
      name: `roc-auc >= 0.6 on ${column}=${value}`,
      slice: { column, value, rows },
      verdict: 'fail',
      effect: 'block',
      because: 'too low '.repeat(40),
    }),
  );
  const evaluation = { ...input.evaluation, slices };
  const html = await evaluationHtml({ ...input, evaluation, report: reportOf(evaluation, gates) });
  expect(Buffer.byteLength(html)).toBeLessThan(1e6);
  const text = textOf(parseMarkup(html));
  expect(text).toMatch(/and 2,990 more gates below/);
  expect(text).toMatch(/[\d,]+ more gates in gate\.json/);
  expect(text).toContain('2,850 more slices in evaluation.json');
});
