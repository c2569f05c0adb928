import type { Profile, Validation } from '@nx-mlops/core';
import { formatCount, plural } from '../format';
import { cutText } from '../html/escape';
import { escapeMarkdown, markdownTable } from '../table';
import { checksOf, countsSentence, placeOf, splitSummaries, verdictNames } from './check-summary';

/** Rows of the table of findings and of splits: a comment is read, not searched. */
const SHOWN_FINDINGS = 25;
const SHOWN_SPLITS = 25;

/**
 * The validation in short, as GitHub-flavoured Markdown for a comment on a pull request: verdict, what failed or was
 * warned of, rows of each split. Always within GitHub's limit of 65,536 characters.
 */
export function validationMarkdown(validation: Validation, profiles: readonly Profile[]): string {
  const { dataset, passed, checks } = validation;
  return [
    `# ${escapeMarkdown(cutText(dataset, 100))}: ${passed ? '✅ valid' : '❌ not valid'}`,
    '',
    `${countsSentence(checks)}.`,
    '',
    ...findings(validation),
    ...splits(validation, profiles),
  ].join('\n');
}

function findings({ checks }: Validation): string[] {
  const found = checksOf(checks, 'fail', 'warn');
  if (found.length === 0) return [];
  const more = found.length - SHOWN_FINDINGS;
  return [
    ...markdownTable({
      header: ['verdict', 'where', 'check', 'what'],
      rows: found
        .slice(0, SHOWN_FINDINGS)
        .map((check) => [
          check.verdict === 'fail' ? `❌ ${verdictNames.fail}` : `⚠️ ${verdictNames.warn}`,
          cutText(placeOf(check), 80),
          cutText(check.check, 60),
          cutText(check.because, 240),
        ]),
    }),
    '',
    ...(more > 0 ? [`… and ${plural(more, 'more finding')} in the report.`, ''] : []),
  ];
}

function splits(validation: Validation, profiles: readonly Profile[]): string[] {
  const summaries = splitSummaries(validation, profiles);
  const more = summaries.length - SHOWN_SPLITS;
  return [
    ...markdownTable({
      header: ['split', 'rows', 'passed', 'warnings', 'failed'],
      alignment: ['left', 'right', 'right', 'right', 'right'],
      rows: summaries
        .slice(0, SHOWN_SPLITS)
        .map(({ split, profile, counts }) => [
          cutText(split, 80),
          profile === undefined ? '–' : formatCount(profile.rows),
          ...[counts.pass, counts.warn, counts.fail].map(formatCount),
        ]),
    }),
    '',
    ...(more > 0 ? [`… and ${plural(more, 'more split')}.`, ''] : []),
  ];
}
