import { plural } from '../reporting/format';
import { textTable } from '../reporting/table';
import type { Finding, Verdict } from './finding';

/** Characters of a cell; the rest of what was found is below the table. */
const WIDTH = 78;

/** The table of checks, and below it what is to be mended; the worst first. */
export function describeFindings(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ name, verdict, found }) => [name, verdict, cut(found)]);
  const concerns = [...findings.filter(isOf('problem')), ...findings.filter(isOf('warning'))];
  return [
    ...textTable({ header: ['check', 'verdict', 'found'], rows }),
    ...concerns.flatMap(({ name, verdict, found, mend }) => [
      '',
      `${verdict}: ${found.startsWith(`${name}: `) ? found : `${name}: ${found}`}`,
      ...(mend === undefined ? [] : [`  ${mend}`]),
    ]),
    '',
    summary(findings),
  ];
}

function summary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter(isOf(verdict)).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems === 0 && warnings === 0) return 'All is well.';
  return `${plural(problems, 'problem')}, ${plural(warnings, 'warning')}.`;
}

function isOf(wanted: Verdict): (finding: Finding) => boolean {
  return ({ verdict }) => verdict === wanted;
}

/** In one line, with a mark where it goes on. */
function cut(text: string): string {
  const [line = '', ...more] = text.split(/\r?\n/);
  if (line.length > WIDTH) return `${line.slice(0, WIDTH - 2).replace(/\s+\S*$/, '')} …`;
  return more.length > 0 ? `${line} …` : line;
}
