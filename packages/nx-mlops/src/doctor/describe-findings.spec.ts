import { describeFindings } from './describe-findings';
import { ok, problem, skipped, warning } from './finding';

it('has a row a check, and below what is to be mended, the worst first', () => {
  expect(
    describeFindings([
      ok('Node', '22.1.0'),
      warning('.npmrc', 'has no line', 'add it'),
      skipped('server', 'none'),
      problem('git', `${'long '.repeat(20)}end`, 'clone'),
      problem('mlops.json', 'mlops.json: is not there.\nAnother line'),
    ]),
  ).toEqual([
    'check       verdict  found',
    `----------  -------  ${'-'.repeat(76)}`,
    'Node        ok       22.1.0',
    '.npmrc      warning  has no line',
    'server      skipped  none',
    `git         problem  ${'long '.repeat(15)}…`,
    'mlops.json  problem  mlops.json: is not there. …',
    '',
    `problem: git: ${'long '.repeat(20)}end`,
    '  clone',
    '',
    'problem: mlops.json: is not there.\nAnother line',
    '',
    'warning: .npmrc: has no line',
    '  add it',
    '',
    '2 problems, 1 warning.',
  ]);
});

it('says that all is well', () => {
  expect(describeFindings([ok('a', 'b'), skipped('c', 'd')]).at(-1)).toBe('All is well.');
});
