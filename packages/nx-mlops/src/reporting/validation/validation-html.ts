import type { Profile, Validation } from '@nx-mlops/core';
import { formatCount } from '../format';
import { escapeHtml, foreignText } from '../html/escape';
import { htmlPage } from '../html/page';
import { htmlTable } from '../html/table';
import { countsSentence, countOf, splitSummaries, verdictsByWeight, verdictNames } from './check-summary';
import { columnViews } from './column-view';
import { columnsSection } from './columns-section';
import { findingsSection, skippedSection } from './findings-section';

/** Names of checks in the table of all of them; there are some twenty, and users' own. */
const SHOWN_CHECKS = 500;

/**
 * The validation of a dataset as one self-contained page: the verdict, what was found with example rows, the splits,
 * then every column with its distribution in all splits. The same arguments give the same bytes.
 *
 * @param profiles those of the validated splits; may be empty, then the page has no columns
 * @returns HTML below 5 MB, whatever the number of columns, splits and checks; what had no room is said
 */
export function validationHtml(validation: Validation, profiles: readonly Profile[]): string {
  const { dataset, passed, checks } = validation;
  const views = columnViews(profiles);
  const skipped = skippedSection(checks);
  return htmlPage({
    title: `${dataset}: ${passed ? 'valid' : 'not valid'}`,
    header: [
      `<h1>Validation of ${foreignText(dataset)}</h1>`,
      `<p class="verdict ${passed ? (countOf(checks, 'warn') > 0 ? 'warn' : 'pass') : 'fail'}"><strong>${passed ? '✓ Valid' : '✗ Not valid'}</strong><br/><span>${escapeHtml(countsSentence(checks))}.</span></p>`,
      `<nav aria-label="Sections"><ul>${[
        ['findings', 'Findings'],
        ...(skipped === '' ? [] : [['skipped', 'Could not be judged']]),
        ['splits', 'Splits'],
        ['columns', 'Columns'],
        ['checks', 'All checks'],
      ]
        .map(([id, name]) => `<li><a href="#${id}">${name}</a></li>`)
        .join('')}</ul></nav>`,
    ].join('\n'),
    main: [
      findingsSection(checks),
      skipped,
      splitsSection(validation, profiles),
      columnsSection(views, checks),
      checksSection(validation),
    ]
      .filter((section) => section !== '')
      .join('\n'),
    footer:
      '<p>Made by nx-mlops from validation.json and the profiles of the splits. The same data and checks give the same page.</p>',
  });
}

function splitsSection(validation: Validation, profiles: readonly Profile[]): string {
  const summaries = splitSummaries(validation, profiles);
  const right = 'right' as const;
  return [
    '<section aria-labelledby="splits"><h2 id="splits">Splits</h2>',
    htmlTable({
      label: 'Rows, columns and checks of each split',
      tall: summaries.length > 20,
      columns: [
        { title: 'split' },
        { title: 'rows', alignment: right },
        { title: 'columns', alignment: right },
        ...verdictsByWeight.map((verdict) => ({ title: verdictNames[verdict], alignment: right })),
        { title: 'sha256' },
      ],
      rows: summaries.map(({ split, profile, counts }) => [
        foreignText(split, 80),
        profile === undefined ? '–' : formatCount(profile.rows),
        profile === undefined ? '–' : formatCount(profile.columns.length),
        ...verdictsByWeight.map((verdict) => formatCount(counts[verdict])),
        profile === undefined ? '–' : `<code>${escapeHtml(profile.sha256.slice(0, 12))}</code>`,
      ]),
    }),
    '</section>',
  ].join('\n');
}

/** How often each check ran and what came of it, so that one sees what was not looked at. */
function checksSection({ checks }: Validation): string {
  const names = [...new Set(checks.map(({ check }) => check))];
  const right = 'right' as const;
  return [
    '<section aria-labelledby="checks"><h2 id="checks">All checks</h2>',
    htmlTable({
      label: 'Verdicts by check',
      columns: [
        { title: 'check' },
        { title: 'ran', alignment: right },
        ...verdictsByWeight.map((verdict) => ({ title: verdictNames[verdict], alignment: right })),
      ],
      rows: names.slice(0, SHOWN_CHECKS).map((name) => {
        const own = checks.filter(({ check }) => check === name);
        return [
          foreignText(name, 80),
          formatCount(own.length),
          ...verdictsByWeight.map((verdict) => formatCount(countOf(own, verdict))),
        ];
      }),
    }),
    ...(names.length > SHOWN_CHECKS
      ? [`<p class="note">${names.length - SHOWN_CHECKS} more names of checks not shown.</p>`]
      : []),
    '</section>',
  ].join('\n');
}
