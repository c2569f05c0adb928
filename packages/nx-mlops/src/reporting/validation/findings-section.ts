import type { CheckResult, ExampleRow } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../format';
import { withinBudget } from '../html/budget';
import { cutText, escapeHtml, foreignText } from '../html/escape';
import { htmlTable } from '../html/table';
import { checksOf, measuredText, placeOf, verdictNames } from './check-summary';

/** Characters of markup for checks with their example rows, and for those in short form. */
const BUDGET = 1_000_000;
const SHORT_BUDGET = 400_000;
/** Columns of an example row that are shown. */
const EXAMPLE_COLUMNS = 12;
const EXAMPLE_CHARACTERS = 100;

export function badge(verdict: CheckResult['verdict']): string {
  return `<span class="badge ${verdict}">${verdictNames[verdict]}</span>`;
}

/** What failed first, with the rows that show it; then warnings, then what is said for information. */
export function findingsSection(checks: readonly CheckResult[]): string {
  const found = checksOf(checks, 'fail', 'warn', 'info');
  if (found.length === 0) {
    return '<section aria-labelledby="findings"><h2 id="findings">Findings</h2><p>Every check that was judged holds.</p></section>';
  }
  const { markup, left } = withinBudget(found, BUDGET, finding);
  return [
    `<section aria-labelledby="findings"><h2 id="findings">Findings <span class="muted">(${formatCount(found.length)})</span></h2>`,
    ...markup,
    ...(left.length === 0 ? [] : [shortList(left)]),
    '</section>',
  ].join('\n');
}

/** Checks that could not be judged, and why. */
export function skippedSection(checks: readonly CheckResult[]): string {
  const skipped = checksOf(checks, 'skip');
  if (skipped.length === 0) return '';
  return [
    `<section aria-labelledby="skipped"><h2 id="skipped">Could not be judged <span class="muted">(${formatCount(skipped.length)})</span></h2>`,
    checkList(skipped),
    '</section>',
  ].join('\n');
}

function finding(check: CheckResult): string {
  const measured = measuredText(check, formatNumber);
  const numbers = [
    ...(check.failingRows === undefined || check.because.includes(formatCount(check.failingRows))
      ? []
      : [plural(check.failingRows, 'row')]),
    ...(measured === undefined ? [] : [measured]),
  ];
  return [
    `<article class="finding"><div class="head">${badge(check.verdict)}<h3>${foreignText(check.check, 80)}</h3> <span class="muted">${foreignText(placeOf(check), 120)}</span></div>`,
    `<p>${escapeHtml(cutText(sentence(check.because), 1000))}</p>`,
    ...(numbers.length === 0 ? [] : [`<p class="note">${escapeHtml(numbers.join(' · '))}</p>`]),
    ...(check.examples === undefined || check.examples.length === 0
      ? []
      : [examplesTable(check, check.examples)]),
    '</article>',
  ].join('');
}

function examplesTable(check: CheckResult, examples: readonly ExampleRow[]): string {
  const names = [...new Set(examples.flatMap(({ values }) => Object.keys(values)))];
  const shown = names.slice(0, EXAMPLE_COLUMNS);
  const all = check.failingRows === undefined || check.failingRows === examples.length;
  const columns = names.length > shown.length ? `, ${shown.length} of ${names.length} columns` : '';
  return htmlTable({
    label: `${all ? 'Rows' : `The first ${examples.length} of these rows`} in ${check.split}${columns}`,
    caption: true,
    tall: examples.length > 10,
    columns: [{ title: 'row', alignment: 'right' }, ...shown.map((name) => ({ title: cutText(name, 60) }))],
    rows: examples.map(({ row, values }) => [formatCount(row), ...shown.map((name) => cell(values[name]))]),
  });
}

function cell(value: ExampleRow['values'][string] | undefined): string {
  if (value === null || value === undefined) return '<span class="muted">missing</span>';
  if (value === '') return '<span class="muted">(empty)</span>';
  return `<span class="value">${foreignText(String(value), EXAMPLE_CHARACTERS)}</span>`;
}

function shortList(checks: readonly CheckResult[]): string {
  return `<p>${plural(checks.length, 'more finding')}, without example rows, which validation.json has:</p>${checkList(checks)}`;
}

function checkList(checks: readonly CheckResult[]): string {
  const { markup, left } = withinBudget(
    checks,
    SHORT_BUDGET,
    (check) =>
      `<li>${badge(check.verdict)} <strong>${foreignText(check.check, 80)}</strong> <span class="muted">${foreignText(placeOf(check), 120)}</span> ${escapeHtml(cutText(sentence(check.because), 300))}</li>`,
  );
  const more = `<p class="note">${plural(left.length, 'more check')} not shown; validation.json has them all.</p>`;
  return `<ul class="plain">${markup.join('\n')}</ul>${left.length === 0 ? '' : more}`;
}

/** `because` is a clause: it gets its capital and its full stop. */
function sentence(because: string): string {
  const text = because.trim();
  const first = text.charAt(0);
  // A clause that starts with a column's name keeps the name as it is.
  const start = /^[a-z]+ /.test(text) ? first.toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
