import { layout, type GateReport, type GateResult } from '@nx-mlops/core';
import { formatNumber, plural } from '../../format';
import { withinBudget } from '../../html/budget';
import { cutText, escapeHtml, foreignText } from '../../html/escape';
import { intervalBar } from '../../inline-chart/interval-bar';
import { domainOf, type Domain } from '../../svg/scale';
import { formatDifference, formatInterval, formatMetric } from '../compared-metrics';
import { concernOf, effectNote, gatesByConcern, verdictWord } from '../gate-summary';
import { badge, type Section } from './section';

/** Characters of markup. */
const BUDGET = 400_000;
const BECAUSE_CHARACTERS = 1000;

/** Every gate with why, those that block first; its figures as a row of a forest plot. */
export function gatesSection({ gates, baselines }: GateReport): Section {
  const missing = baselines.filter(({ metrics }) => metrics === undefined);
  const { markup, left } = withinBudget(gatesByConcern(gates), BUDGET, (gate) => gateItem(gate, gates));
  return {
    id: 'gates',
    title: 'Gates',
    body: [
      gates.length === 0
        ? `<p>No gates are configured: add <code>evaluation.gates</code> to <code>${layout.modelConfig}</code>.</p>`
        : `<ul class="gates">${markup.join('\n')}</ul>`,
      ...(left.length === 0
        ? []
        : [`<p class="note">${plural(left.length, 'more gate')} in ${layout.gateFile}.</p>`]),
      ...(gates.length === 0
        ? []
        : [
            '<p class="note">A bar is a confidence interval, its dot the value, a line across it the limit. Of a comparison it is the difference, above 0 an improvement: the dashed line is no difference, the line across is the margin. Bars of one metric share their scale.</p>',
          ]),
      ...missing.map(
        ({ name, because }) =>
          `<p class="note">No ${foreignText(name, 80)} to compare with: ${escapeHtml(cutText(because, 400))}</p>`,
      ),
    ].join('\n'),
  };
}

function gateItem(gate: GateResult, all: readonly GateResult[]): string {
  const concern = concernOf(gate);
  return [
    '<li>',
    `<div>${badge(concern, verdictWord(gate))}${noteOf(effectNote(gate))}</div>`,
    `<div><h3>${foreignText(gate.name, 120)}</h3><p>${escapeHtml(cutText(gate.because, BECAUSE_CHARACTERS))}</p></div>`,
    `<div class="figures">${figures(gate)}${bar(gate, all)}</div>`,
    '</li>',
  ].join('');
}

function noteOf(note: string): string {
  return note === '' ? '' : ` <span class="small">${escapeHtml(note.trim())}</span>`;
}

function figures({ metric, value, interval, versus, slice }: GateResult): string {
  const comparison = versus?.comparison;
  const format = (figure: number) => formatMetric(metric, figure);
  const lines =
    comparison === undefined
      ? [formatMetric(metric, value), formatInterval(interval, format)]
      : [
          `difference ${formatDifference(comparison.difference)}`,
          `${formatDifference(comparison.low)} to ${formatDifference(comparison.high)}`,
          `margin ${formatNumber(comparison.margin)}, p ${formatNumber(comparison.p)}, ${comparison.test}`,
        ];
  const [first = '', ...rest] = [
    ...lines,
    ...(slice === undefined ? [] : [plural(slice.rows, 'row')]),
  ].filter((line) => line !== '');
  return [
    `<div>${escapeHtml(first)}</div>`,
    ...rest.map((line) => `<div class="note">${escapeHtml(line)}</div>`),
  ].join('');
}

function bar(gate: GateResult, all: readonly GateResult[]): string {
  const { value, interval, versus } = gate;
  const tone = concernOf(gate);
  const comparison = versus?.comparison;
  if (comparison !== undefined) {
    const { difference, low, high, margin } = comparison;
    return intervalBar({
      value: difference,
      low,
      high,
      domain: sharedDomain(gate, all),
      limits: [-margin],
      reference: 0,
      tone,
    });
  }
  if (versus !== undefined || value === null) return '';
  return intervalBar({ value, ...interval, domain: sharedDomain(gate, all), limits: limitsOf(gate), tone });
}

function limitsOf({ min, max }: GateResult): number[] {
  return [min, max].filter((limit) => limit !== undefined);
}

/** Of the gates of one metric and kind, so that their bars can be compared. */
function sharedDomain(gate: GateResult, all: readonly GateResult[]): Domain {
  return domainOf(
    all
      .filter(({ metric, kind }) => metric === gate.metric && kind === gate.kind)
      .flatMap((other) => {
        const comparison = other.versus?.comparison;
        if (comparison !== undefined) return [comparison.low, comparison.high, 0, -comparison.margin];
        if (other.versus !== undefined) return [];
        return [
          ...(other.value === null ? [] : [other.value]),
          ...(other.interval === undefined ? [] : [other.interval.low, other.interval.high]),
          ...limitsOf(other),
        ];
      }),
    0.08,
  );
}
