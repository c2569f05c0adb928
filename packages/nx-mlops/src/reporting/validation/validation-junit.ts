import type { CheckResult, ExampleRow, Profile, Validation } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../format';
import { cutText } from '../html/escape';
import { junitDocument, type JunitOutcome } from '../junit/junit-document';
import { measuredText, splitSummaries } from './check-summary';

/**
 * The validation as JUnit XML: a test suite for each split, a test case for each check. A warning is a test case that
 * passes and says what it found.
 *
 * @param profiles say how many rows each split has
 */
export function validationJunit(validation: Validation, profiles: readonly Profile[] = []): string {
  const { dataset, checks } = validation;
  const suites = splitSummaries(validation, profiles)
    .map(({ split, profile }) => ({ split, profile, own: checks.filter((check) => check.split === split) }))
    .filter(({ own }) => own.length > 0);
  return junitDocument(
    dataset,
    suites.map(({ split, profile, own }) => ({
      name: `${dataset}.${split}`,
      properties:
        profile === undefined
          ? []
          : [
              ['rows', profile.rows],
              ['sha256', profile.sha256],
            ],
      cases: own.map((check) => ({
        name: check.column === undefined ? check.check : `${check.check} ${check.column}`,
        outcome: outcomeOf(check),
      })),
    })),
  );
}

function outcomeOf(check: CheckResult): JunitOutcome {
  switch (check.verdict) {
    case 'pass':
      return { kind: 'passed' };
    case 'skip':
      return { kind: 'skipped', message: check.because };
    case 'fail':
      return { kind: 'failure', message: check.because, type: check.check, lines: details(check) };
    case 'warn':
    case 'info': {
      const word = check.verdict === 'warn' ? 'Warning' : 'Info';
      return { kind: 'passed', lines: [`${word}: ${check.because}`, ...details(check).slice(1)] };
    }
  }
}

function details(check: CheckResult): string[] {
  const measured = measuredText(check, formatNumber);
  return [
    check.because,
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
