import { formatCount, formatDuration, formatMoment, formatNumber, plural } from '../../format';
import { cutText, escapeHtml, foreignText } from '../../html/escape';
import type { GateFilesInput } from '../gate-files-input';
import type { Section } from './section';

/** What the figures are of: model, data, parameters, and the models it was compared with. */
export function provenanceSection({ evaluation, report, config, manifest, run }: GateFilesInput): Section {
  const { test, threshold, thresholdChosen } = evaluation;
  const data = (dataset: string, split: string, rows: number, sha256: string) =>
    `${foreignText(`${dataset}:${split}`, 120)}, ${plural(rows, 'row')} ${code(sha256)}`;
  const facts: [string, string][] = [
    [
      'model',
      `${escapeHtml(evaluation.task)}, ${formatCount(evaluation.modelSize)} bytes ${code(evaluation.modelSha256)}`,
    ],
    ['measured on', data(test.dataset, test.split, test.rows, test.sha256)],
    ...Object.entries(manifest.datasets).map(([role, item]): [string, string] => [
      `${role} split`,
      data(item.dataset, item.split, item.rows, item.sha256),
    ]),
    [
      'features',
      manifest.features
        .map(({ name }) => foreignText(name, 60))
        .slice(0, 100)
        .join(', '),
    ],
    ['target', foreignText(manifest.target, 80)],
    ['parameters', code(JSON.stringify(run?.params ?? config.training.params), 2000)],
    ['seed', String(run?.seed ?? config.training.seed)],
    ...(run === undefined
      ? []
      : ([
          [
            'trained',
            `${escapeHtml(formatMoment(run.startedAt))} UTC, ${formatDuration(run.duration)}, Node ${escapeHtml(run.node)}`,
          ],
          ...(run.commit === undefined
            ? []
            : [
                [
                  'commit',
                  `${code(run.commit)}${run.dirty === true ? ' with changes that were not committed' : ''}`,
                ],
              ]),
        ] as [string, string][])),
    ...(threshold === undefined
      ? []
      : ([
          [
            'threshold',
            thresholdChosen === undefined
              ? `${formatNumber(threshold)}, as configured`
              : `${formatNumber(threshold)}, chosen on ${foreignText(`${thresholdChosen.dataset}:${thresholdChosen.split}`, 120)}: ${escapeHtml(cutText(thresholdChosen.rule, 200))}`,
          ],
        ] as [string, string][])),
    ...report.baselines.map((baseline): [string, string] => [
      `compared with ${baseline.name}`,
      [
        baseline.modelVersion === undefined ? '' : `version ${baseline.modelVersion}`,
        baseline.registeredAt === undefined
          ? ''
          : `registered ${escapeHtml(formatMoment(baseline.registeredAt))} UTC`,
        baseline.rescored === true ? 'predicted anew on these rows' : '',
        baseline.commit === undefined ? '' : `commit ${code(baseline.commit)}`,
        baseline.modelSha256 === undefined ? '' : code(baseline.modelSha256),
        escapeHtml(cutText(baseline.because, 300)),
      ]
        .filter((part) => part !== '')
        .join('; '),
    ]),
    ['evaluation', code(report.evaluationSha256)],
  ];
  return {
    id: 'provenance',
    title: 'Provenance',
    body: [
      '<div class="scroll" role="region" tabindex="0" aria-label="Provenance"><table class="facts-table"><tbody>',
      ...facts.map(
        ([name, value]) => `<tr><th scope="row">${escapeHtml(cutText(name, 80))}</th><td>${value}</td></tr>`,
      ),
      '</tbody></table></div>',
    ].join('\n'),
  };
}

function code(text: string, limit = 80): string {
  return `<code>${escapeHtml(cutText(text, limit))}</code>`;
}
