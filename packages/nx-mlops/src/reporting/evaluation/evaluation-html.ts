import { layout, type GateReport } from '@nx-mlops/core';
import { plural } from '../format';
import { cutText, escapeHtml, foreignText } from '../html/escape';
import { htmlPage } from '../html/page';
import { evaluationStyles } from './evaluation-styles';
import type { GateFilesInput } from './gate-files-input';
import { concernOf, countsSentence, gateHeadline, gatesByConcern, verdictWord } from './gate-summary';
import { chartsSection } from './sections/charts-section';
import { confusionSection } from './sections/confusion-section';
import { fairnessSection } from './sections/fairness-section';
import { gatesSection } from './sections/gates-section';
import { metricsSection, performanceSection } from './sections/metrics-section';
import { provenanceSection } from './sections/provenance-section';
import { badge, sectionMarkup, type Section } from './sections/section';
import { slicesSection } from './sections/slices-section';

const SHOWN_REASONS = 10;
const SHOWN_WARNINGS = 50;

/**
 * The evaluation of a gated model as one self-contained page: the verdict and its reasons, the gates, challenger beside
 * champion, charts, slices, fairness, and what it all is of. The same input gives the same bytes.
 */
export async function evaluationHtml(input: GateFilesInput): Promise<string> {
  const { evaluation, report } = input;
  const { dataset, split, rows } = evaluation.test;
  const sections = [
    gatesSection(report),
    warningsSection(input),
    metricsSection(input),
    await chartsSection(input),
    confusionSection(evaluation),
    slicesSection(input),
    fairnessSection(evaluation),
    performanceSection(input),
    provenanceSection(input),
  ].filter((section) => section !== undefined);
  return htmlPage({
    title: `${cutText(report.model, 80)}: ${gateHeadline(report).toLowerCase()}`,
    styles: evaluationStyles,
    header: [
      `<h1>Evaluation of ${foreignText(report.model)}</h1>`,
      `<p class="facts">${escapeHtml(evaluation.task.replace('-', ' '))} · ${foreignText(`${dataset}:${split}`, 120)}, ${plural(rows, 'row')} · model <code>${escapeHtml(report.modelSha256.slice(0, 12))}</code></p>`,
      verdict(report),
      reasons(report),
      `<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`).join('')}</ul></nav>`,
    ].join('\n'),
    main: sections.map(sectionMarkup).join('\n'),
    footer: `<p>Made by nx-mlops from ${layout.evaluationFile} and ${layout.gateFile}. The same evaluation and gates give the same page.</p>`,
  });
}

function verdict(report: GateReport): string {
  const { passed, verdict: outcome, gates } = report;
  const [tone, sign] =
    gates.length === 0
      ? ['skip', '–']
      : !passed
        ? ['fail', '✗']
        : outcome === 'inconclusive'
          ? ['warn', '✓']
          : ['pass', '✓'];
  return `<p class="verdict ${tone}"><strong>${sign} ${gateHeadline(report)}</strong><br/><span>${escapeHtml(countsSentence(report))}</span></p>`;
}

/** Why, in the gates' own sentences: what blocks the build, else what asks for attention. */
function reasons({ gates }: GateReport): string {
  const sorted = gatesByConcern(gates);
  const blocking = sorted.filter((gate) => concernOf(gate) === 'fail');
  const told = blocking.length > 0 ? blocking : sorted.filter((gate) => concernOf(gate) === 'warn');
  if (told.length === 0) return '';
  const more = told.length - SHOWN_REASONS;
  return [
    '<ul class="reasons">',
    ...told
      .slice(0, SHOWN_REASONS)
      .map(
        (gate) =>
          `<li class="${concernOf(gate)}">${badge(concernOf(gate), verdictWord(gate))} <span class="text"><strong>${foreignText(gate.name, 120)}</strong> ${escapeHtml(cutText(gate.because, 600))}</span></li>`,
      ),
    ...(more > 0
      ? [`<li class="skip"><span class="text">and ${plural(more, 'more gate')} below</span></li>`]
      : []),
    '</ul>',
  ].join('\n');
}

function warningsSection({ evaluation }: GateFilesInput): Section | undefined {
  const { warnings } = evaluation;
  if (warnings.length === 0) return undefined;
  const more = warnings.length - SHOWN_WARNINGS;
  return {
    id: 'warnings',
    title: 'Warnings',
    body: [
      `<ul class="plain">${warnings
        .slice(0, SHOWN_WARNINGS)
        .map(({ message }) => `<li>${badge('warn', 'warning')} ${escapeHtml(cutText(message, 600))}</li>`)
        .join('')}</ul>`,
      ...(more > 0
        ? [`<p class="note">${plural(more, 'more warning')} in ${layout.evaluationFile}.</p>`]
        : []),
    ].join('\n'),
  };
}
