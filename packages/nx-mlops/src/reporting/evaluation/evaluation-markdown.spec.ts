import { evaluationMarkdown } from './evaluation-markdown';
import {
  binaryFailed,
  binaryInconclusive,
  binaryPassed,
  customWithoutGates,
  regression,
  withTexts,
} from './gated-model.fixture';

it('tells the verdict and why in its first lines', () => {
  const lines = evaluationMarkdown(binaryFailed()).split('\n');
  expect(lines[0]).toBe('# flight-delay: ❌ gates failed');
  expect(lines[2]).toBe(
    'Of 10 gates, 2 failed, 1 inconclusive, 1 failed (for information), 2 skipped, 4 passed.',
  );
  expect(lines[4]).toMatch(/^- \*\*roc-auc versus production\*\*: Worse than production v12 by 0\.0154/);
  expect(lines[5]).toMatch(/^- \*\*roc-auc >= 0\.66 on origin=EWR\*\*/);
});

it.each([
  ['passed', binaryPassed, '✅ gates passed'],
  ['inconclusive', binaryInconclusive, '⚠️ gates passed, not all decided'],
  ['without gates', customWithoutGates, '➖ no gates'],
])('has a heading for a model that is %s', (_, model, heading) => {
  expect(evaluationMarkdown(model()).split('\n')[0]).toContain(`: ${heading}`);
});

it('puts challenger and champion side by side, with interval, difference and verdict', () => {
  const text = evaluationMarkdown(binaryFailed());
  expect(text).toContain(
    '| metric | this model | 95 % interval | production v12 | difference to production v12 |',
  );
  expect(text).toMatch(
    /\| roc-auc ↑ \| 0\.7312 \| 0\.7151 to 0\.7473 \| 0\.7466 \| −0\.0154 \(−0\.0231 to −0\.0077\) worse \| 0\.5 \|/,
  );
  expect(text).toMatch(/\| pr-auc ↑ \| 0\.4521 \| [^|]+ \| 0\.4702 \| – \|/);
  expect(evaluationMarkdown(regression())).toContain('+0.158 (+0.02 to +0.296) better');
});

it('says that there was nothing to compare with', () => {
  expect(evaluationMarkdown(binaryFailed())).toContain(
    'No last-release to compare with: Nothing was released yet.',
  );
});

it('lets no text become markup', () => {
  const text = evaluationMarkdown(withTexts(binaryFailed(), '<img src=x> | **b** [l](u) @all\n# h'));
  expect(text).not.toMatch(/[^\\]<img|[^\\]\*\*b|[^\\]\[l|^# h|@all/m);
  // Every row of a table has as many cells as its header.
  const widths = text
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map(
      (block) => new Set(block.split('\n').map((line) => line.replace(/\\\|/g, '').split('|').length)).size,
    );
  expect(widths.length).toBeGreaterThan(4);
  expect(new Set(widths)).toEqual(new Set([1]));
});
