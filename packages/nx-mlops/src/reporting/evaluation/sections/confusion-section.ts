import { layout, type ClassLabel, type Evaluation } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../../format';
import { foreignText } from '../../html/escape';
import { htmlTable } from '../../html/table';
import { formatShare } from '../../inline-chart/chart';
import type { Section } from './section';

/** Classes whose matrix can be read. */
const MATRIX_CLASSES = 20;
const SHOWN_PAIRS = 30;
const SHOWN_CLASSES = 100;

/** Where the classes are taken for each other; of many classes the pairs that are so most often. */
export function confusionSection({
  classes,
  confusion,
  perClass,
  threshold,
}: Evaluation): Section | undefined {
  if (classes === undefined || confusion === undefined) return undefined;
  return {
    id: 'confusion',
    title: 'Confusion matrix',
    body: [
      classes.length <= MATRIX_CLASSES ? matrix(classes, confusion) : pairs(classes, confusion),
      ...(threshold === undefined
        ? []
        : [`<p class="note">A score of ${formatNumber(threshold)} or more counts as positive.</p>`]),
      ...(perClass === undefined ? [] : [classTable(perClass)]),
    ].join('\n'),
  };
}

function matrix(classes: readonly ClassLabel[], confusion: readonly (readonly number[])[]): string {
  const labels = classes.map((label) => foreignText(String(label), 40));
  const rows = confusion.map((counts, actual) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count) => {
      const share = total === 0 ? 0 : count / total;
      return `<td style="--s:${share.toFixed(3)}">${amount(count)}<span class="small">${total === 0 ? '–' : formatShare(share)}</span></td>`;
    });
    return `<tr><th scope="row">${labels[actual]}</th>${cells.join('')}<td class="plain-cell">${amount(total)}</td></tr>`;
  });
  return [
    '<div class="scroll" role="region" tabindex="0" aria-label="Confusion matrix"><table class="matrix">',
    '<caption>Rows: the true class. Columns: the predicted class. Shares are of the row.</caption>',
    `<thead><tr><td></td>${labels.map((label) => `<th scope="col" class="r">${label}</th>`).join('')}<th scope="col" class="r">rows</th></tr></thead>`,
    `<tbody>${rows.join('\n')}</tbody></table></div>`,
  ].join('');
}

/** Whole unless rows are weighted. */
function amount(count: number): string {
  return Number.isInteger(count) ? formatCount(count) : formatNumber(count);
}

function pairs(classes: readonly ClassLabel[], confusion: readonly (readonly number[])[]): string {
  const wrong = confusion
    .flatMap((counts, actual) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return counts.map((count, predicted) => ({ actual, predicted, count, share: count / total }));
    })
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
  const name = (index: number) => foreignText(String(classes[index]), 60);
  return [
    htmlTable({
      label: `The most frequent confusions of ${plural(classes.length, 'class').replace('classs', 'classes')}`,
      caption: true,
      columns: [
        { title: 'true class' },
        { title: 'predicted' },
        { title: 'rows', alignment: 'right' },
        { title: 'of the class', alignment: 'right' },
      ],
      rows: wrong
        .slice(0, SHOWN_PAIRS)
        .map(({ actual, predicted, count, share }) => [
          name(actual),
          name(predicted),
          amount(count),
          formatShare(share),
        ]),
    }),
    `<p class="note">The whole matrix is in ${layout.evaluationFile}.</p>`,
  ].join('\n');
}

function classTable(perClass: NonNullable<Evaluation['perClass']>): string {
  const right = 'right' as const;
  const sorted =
    perClass.length <= MATRIX_CLASSES ? perClass : [...perClass].sort((a, b) => (a.f1 ?? -1) - (b.f1 ?? -1));
  return [
    htmlTable({
      label: 'Precision and recall of each class',
      caption: true,
      tall: perClass.length > MATRIX_CLASSES,
      columns: [
        { title: 'class' },
        ...['rows', 'precision', 'recall', 'F1'].map((title) => ({ title, alignment: right })),
      ],
      rows: sorted
        .slice(0, SHOWN_CLASSES)
        .map(({ label, rows, precision, recall, f1 }) => [
          foreignText(String(label), 60),
          formatCount(rows),
          formatNumber(precision),
          formatNumber(recall),
          formatNumber(f1),
        ]),
    }),
    ...(perClass.length > SHOWN_CLASSES
      ? [`<p class="note">The ${SHOWN_CLASSES} of ${perClass.length} with the lowest F1.</p>`]
      : []),
  ].join('\n');
}
