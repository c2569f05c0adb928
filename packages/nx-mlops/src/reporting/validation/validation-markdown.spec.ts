import { validationMarkdown } from '../validation-report';
import { check, hostile, numberColumn, profileOf, validationOf } from './validation-report.fixture';

it('is a verdict, a table of what failed or was warned of, and the rows of each split', () => {
  const validation = validationOf(
    check(),
    check({ verdict: 'warn', split: 'test', check: 'skew', because: 'differs' }),
    check({ verdict: 'fail', column: 'a|b', because: 'has `ticks`' }),
  );
  expect(validationMarkdown(validation, [profileOf('train', numberColumn('a|b', [1200]))])).toBe(
    [
      '# flights: ❌ not valid',
      '',
      '1 check failed, 1 warning, 1 passed.',
      '',
      '| verdict | where | check | what |',
      '| --- | --- | --- | --- |',
      '| ❌ failed | train.a\\|b | missing | has \\`ticks\\` |',
      '| ⚠️ warning | test | skew | differs |',
      '',
      '| split | rows | passed | warnings | failed |',
      '| --- | --: | --: | --: | --: |',
      '| train | 1,200 | 1 | 0 | 1 |',
      '| test | – | 0 | 1 | 0 |',
      '',
    ].join('\n'),
  );
});

it('has no table of findings where all is well', () => {
  const markdown = validationMarkdown(validationOf(check()), []);
  expect(markdown).toContain('# flights: ✅ valid\n\n1 check passed.\n');
  expect(markdown).not.toContain('verdict');
});

it('fits a comment on GitHub whatever was found, and says what it left out', () => {
  const checks = Array.from({ length: 500 }, (_, index) =>
    check({
      split: `split ${index}${'|'.repeat(300)}`,
      verdict: 'fail',
      check: '`'.repeat(500),
      because: '|'.repeat(5000),
    }),
  );
  const markdown = validationMarkdown(validationOf(...checks), []);
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain('… and 475 more findings in the report.');
  expect(markdown).toContain('… and 475 more splits.');
});

it('keeps every row of a table one row, and mentions nobody', () => {
  const lines = validationMarkdown(
    validationOf(check({ verdict: 'fail', because: `${hostile}\n\r|` })),
    [],
  ).split('\n');
  const row = lines.find((line) => line.startsWith('| ❌')) ?? '';
  expect(row.replace(/\\./g, '').match(/\|/g)).toHaveLength(5);
  expect(row).not.toMatch(/@\w|(?<!\\)[<`]/);
});
