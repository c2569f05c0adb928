import type { CheckResult, Validation } from '@nx-mlops/core';
import { formatCount } from '../../reporting/format';
import { textTable } from '../../reporting/table';
import type { StageIo } from '../dataset-project';

/** Lines about checks; all of them are in the files. */
const MOST_LINES = 20;

/** By how bad they are. */
const shownVerdicts = ['fail', 'warn', 'info'] as const;
const marks = { fail: 'FAIL', warn: 'warn', info: 'info' } as const;

/** Prints what does not hold, worst first, and a table of the splits. */
export function reportValidation(
  { dataset, passed, checks }: Validation,
  { rows, folder }: { readonly rows: Readonly<Record<string, number>>; readonly folder: string },
  print: StageIo['print'],
): void {
  const lines = shownVerdicts.flatMap((shown) =>
    checks.filter(({ verdict }) => verdict === shown).map((check) => `${marks[shown]}  ${describe(check)}`),
  );
  lines.slice(0, MOST_LINES).forEach(print);
  if (lines.length > MOST_LINES) print(`… and ${lines.length - MOST_LINES} more.`);
  const table = textTable({
    header: ['split', 'rows', 'passed', 'warned', 'failed'],
    alignment: ['left', 'right', 'right', 'right', 'right'],
    rows: Object.entries(rows).map(([split, count]) => {
      const of = (verdict: CheckResult['verdict']) =>
        String(checks.filter((check) => check.split === split && check.verdict === verdict).length);
      return [split, formatCount(count), of('pass'), of('warn'), of('fail')];
    }),
  });
  table.forEach(print);
  print(
    passed
      ? `${dataset} is valid; the report is ${folder}/report.html.`
      : `${dataset} is not valid; all verdicts, with the first rows of each, are in ${folder}/report.html.`,
  );
}

function describe({ split, column, check, because, examples = [] }: CheckResult): string {
  const rows = examples.slice(0, 3).map(({ row }) => formatCount(row));
  const at = rows.length === 0 ? '' : ` (row ${rows.join(', ')}${examples.length > 3 ? ', …' : ''})`;
  return `${split}${column === undefined ? '' : `.${column}`} ${check}: ${because}${at}.`;
}
