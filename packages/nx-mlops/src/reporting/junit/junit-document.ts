import { cutText } from '../html/escape';
import { escapeXml } from '../svg/document';

/** Most characters of a message; the text of a failure may be as long on each line. */
const MESSAGE_CHARACTERS = 1000;

export type JunitOutcome =
  | {
      readonly kind: 'failure';
      readonly message: string;
      readonly type: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'skipped'; readonly message: string }
  /** What it has to say goes to system-out, where it says anything. */
  | { readonly kind: 'passed'; readonly lines?: readonly string[] };

export interface JunitCase {
  readonly name: string;
  readonly outcome: JunitOutcome;
}

export interface JunitSuite {
  readonly name: string;
  /** Of all its cases; the name of the suite when left out. */
  readonly className?: string;
  readonly properties?: readonly (readonly [name: string, value: string | number])[];
  readonly cases: readonly JunitCase[];
  /** Lines for the suite's own system-out. */
  readonly output?: readonly string[];
}

/**
 * JUnit XML as Jenkins, GitLab and others read it. Nothing is timed, so that equal results are equal bytes. Of two cases
 * of one name in a suite the second gets a number, for readers take them for two runs of one test.
 */
export function junitDocument(name: string, suites: readonly JunitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts(suites.flatMap(({ cases }) => cases)) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines({ name, className = name, properties = [], cases, output = [] }: JunitSuite): string[] {
  return [
    `  <testsuite${attributes({ name, ...counts(cases) })}>`,
    ...(properties.length === 0
      ? []
      : [
          '    <properties>',
          ...properties.map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
          '    </properties>',
        ]),
    ...caseLines(className, cases),
    ...(output.length === 0 ? [] : [`    <system-out>${textOf(output)}</system-out>`]),
    '  </testsuite>',
  ];
}

function counts(cases: readonly JunitCase[]): Record<string, number> {
  const count = (kind: JunitOutcome['kind']) => cases.filter(({ outcome }) => outcome.kind === kind).length;
  return { tests: cases.length, failures: count('failure'), errors: 0, skipped: count('skipped'), time: 0 };
}

function caseLines(className: string, cases: readonly JunitCase[]): string[] {
  const seen = new Map<string, number>();
  return cases.flatMap(({ name: plain, outcome }) => {
    const times = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, times);
    const name = cutText(times === 1 ? plain : `${plain} (${times})`, 300);
    const inside = outcomeText(outcome);
    const opening = `    <testcase${attributes({ classname: className, name, time: 0 })}`;
    return inside === undefined ? [`${opening}/>`] : [`${opening}>`, `      ${inside}`, '    </testcase>'];
  });
}

function outcomeText(outcome: JunitOutcome): string | undefined {
  switch (outcome.kind) {
    case 'passed':
      return outcome.lines === undefined || outcome.lines.length === 0
        ? undefined
        : `<system-out>${textOf(outcome.lines)}</system-out>`;
    case 'skipped':
      return `<skipped${attributes({ message: cutText(outcome.message, MESSAGE_CHARACTERS) })}/>`;
    case 'failure': {
      const message = cutText(outcome.message, MESSAGE_CHARACTERS);
      return `<failure${attributes({ message, type: outcome.type })}>${textOf(outcome.lines)}</failure>`;
    }
  }
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** Lines of text; control characters within a line become spaces, which XML could not hold. */
function textOf(lines: readonly string[]): string {
  return lines.map((line) => escapeXml(cutText(line, MESSAGE_CHARACTERS))).join('\n');
}
