import type { Evaluation } from '@nx-mlops/core';
import { renderChart, type VegaChart } from '../../vega/render-chart';
import {
  precisionRecallChart,
  reliabilityChart,
  rocChart,
  thresholdChart,
  type Contender,
} from '../charts/classification-charts';
import { predictionChart, residualChart } from '../charts/regression-charts';
import { foundBaselines } from '../compared-metrics';
import type { GateFilesInput } from '../gate-files-input';
import { escapeHtml } from '../../html/escape';
import type { Section } from './section';

/** Baselines in a chart beside this model. */
const DRAWN_BASELINES = 3;

const notes: Readonly<Record<string, string>> = {
  roc: 'Dashed diagonal: guessing.',
  reliability: 'On the diagonal a score is a probability. Bars are Wilson intervals.',
  thresholds: 'The upright line is the threshold in use.',
  predictions: 'On the diagonal they agree.',
};

/** The charts that the evaluation has data for. */
export async function chartsSection(input: GateFilesInput): Promise<Section | undefined> {
  const { evaluation } = input;
  const contenders: Contender[] = [{ title: 'this model', evaluation }, ...comparable(input)];
  const charts = [
    rocChart(contenders),
    precisionRecallChart(contenders),
    reliabilityChart(evaluation.calibration),
    thresholdChart(evaluation),
    residualChart(evaluation.curves),
    predictionChart(evaluation.curves),
  ].filter((chart) => chart !== undefined);
  if (charts.length === 0) return undefined;
  const cards: string[] = [];
  for (const chart of charts) cards.push(await card(chart));
  return { id: 'charts', title: 'Charts', body: `<div class="cards">${cards.join('\n')}</div>` };
}

/** Baselines measured on these very rows; curves of others would not compare. */
function comparable({ evaluation, report, baselines }: GateFilesInput): Contender[] {
  return foundBaselines({ report })
    .flatMap(({ name, title }): Contender[] => {
      const other: Evaluation | undefined = baselines.get(name);
      return other?.test.sha256 === evaluation.test.sha256 ? [{ title, evaluation: other }] : [];
    })
    .slice(0, DRAWN_BASELINES);
}

async function card(chart: VegaChart): Promise<string> {
  const note = notes[chart.id];
  return [
    `<article class="card"><h3>${escapeHtml(chart.title)}</h3>`,
    `<figure>${await renderChart(chart)}</figure>`,
    ...(note === undefined ? [] : [`<p class="note">${note}</p>`]),
    '</article>',
  ].join('');
}
