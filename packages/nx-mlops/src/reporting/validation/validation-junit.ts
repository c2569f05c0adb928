import type { CheckResult, ExampleRow, Profile, Validation } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../format';
import { cutText } from '../html/escape';
import { escapeXml } from '../svg/document';
import { countOf, measuredText, splitSummaries } from './check-summary';

/**
 * The validation as JUnit XML, as Jenkins, GitLab and others read it: a test suite for each split, a test case for each
 * check. A warning is a test case that passes and says what it found; nothing is timed, so that equal results are equal
 * bytes.
 *
 * @param profiles say how many rows each split has
 */
export function validationJunit(validation: Validation, profiles: readonly Profile[] = []): string {
  const { dataset, checks } = validation;
  const suites = splitSummaries(validation, profiles)
    .map(({ split, profile }) => ({ split, profile, own: checks.filter((check) => check.split === split) }))
    .filter(({ own }) => own.length > 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: dataset, ...counts(checks) })}>`,
    ...suites.flatMap(({ split, profile, own }) => [
      `  <testsuite${attributes({ name: `${dataset}.${split}`, ...counts(own) })}>`,
      ...(profile === undefined
        ? []
        : [
            '    <properties>',
            `      <property${attributes({ name: 'rows', value: profile.rows })}/>`,
            `      <property${attributes({ name: 'sha256', value: profile.sha256 })}/>`,
            '    </properties>',
          ]),
      ...testCases(`${dataset}.${split}`, own),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(checks: readonly CheckResult[]): Record<string, number> {
  return {
    tests: checks.length,
    failures: countOf(checks, 'fail'),
    errors: 0,
    skipped: countOf(checks, 'skip'),
    time: 0,
  };
}

function testCases(className: string, checks: readonly CheckResult[]): string[] {
  const seen = new Map<string, number>();
  return checks.flatMap((check) => {
    const plain = check.column === undefined ? check.check : `${check.check} ${check.column}`;
    const times = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, times);
    // Readers take two cases of one name for two runs of one test.
    const name = times === 1 ? plain : `${plain} (${times})`;
    const inside = outcome(check);
    const opening = `    <testcase${attributes({ classname: className, name: cutText(name, 300), time: 0 })}`;
    return inside === undefined ? [`${opening}/>`] : [`${opening}>`, `      ${inside}`, '    </testcase>'];
  });
}

function outcome(check: CheckResult): string | undefined {
  const message = cutText(check.because, 1000);
  switch (check.verdict) {
    case 'pass':
      return undefined;
    case 'skip':
      return `<skipped${attributes({ message })}/>`;
    case 'fail':
      return `<failure${attributes({ message, type: check.check })}>${textOf(details(check))}</failure>`;
    case 'warn':
    case 'info':
      return `<system-out>${textOf([`${check.verdict === 'warn' ? 'Warning' : 'Info'}: ${message}`, ...details(check).slice(1)])}</system-out>`;
  }
}

function details(check: CheckResult): string[] {
  const measured = measuredText(check, formatNumber);
  return [
    cutText(check.because, 1000),
    ...(check.failingRows === undefined ? [] : [`Rows that break it: ${formatCount(check.failingRows)}`]),
    ...(measured === undefined ? [] : [measured]),
    ...exampleLines(check.examples ?? []),
  ];
}

function exampleLines(examples: readonly ExampleRow[]): string[] {
  if (examples.length === 0) return [];
  return [
    `${plural(examples.length, 'example row')}:`,
    ...examples.map(({ row, values }) => {
      const cells = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `row ${row}: ${cutText(cells.join(', '), 500)}`;
    }),
  ];
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** Lines of text; control characters within a line become spaces, which XML could not hold. */
function textOf(lines: readonly string[]): string {
  return lines.map(escapeXml).join('\n');
}
