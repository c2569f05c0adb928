import { layout, type GateResult } from '@nx-mlops/core';
import { formatNumber } from '../format';
import { junitDocument, type JunitOutcome } from '../junit/junit-document';
import { differenceText, formatInterval, formatMetric, metricOrder } from './compared-metrics';
import type { GateFilesInput } from './gate-files-input';
import { concernOf } from './gate-summary';

/**
 * The gates as JUnit XML: one test case a gate. What blocks the build is a failure, an undecided gate that blocks it
 * included; what only warns passes and says so. The metrics are properties of the suite.
 */
export function evaluationJunit({ evaluation, performance, report, config }: GateFilesInput): string {
  const { dataset, split, rows, sha256 } = evaluation.test;
  const values = { ...evaluation.metrics, ...performance?.metrics };
  const names = [...metricOrder({ evaluation, config }), ...Object.keys(performance?.metrics ?? {})];
  return junitDocument(report.model, [
    {
      name: `${report.model} gates`,
      className: report.model,
      properties: [
        ['test', `${dataset}:${split}`],
        ['test-rows', rows],
        ['test-sha256', sha256],
        ['model-sha256', report.modelSha256],
        ...names.map((name): [string, string] => [name, String(values[name] ?? 'undefined')]),
      ],
      cases:
        report.gates.length === 0
          ? [
              {
                name: 'gates',
                outcome: {
                  kind: 'skipped',
                  message: `No gates are configured: add evaluation.gates to ${layout.modelConfig}.`,
                },
              },
            ]
          : report.gates.map((gate) => ({ name: gate.name, outcome: outcomeOf(gate) })),
      output: evaluation.warnings.map(({ message }) => `Warning: ${message}`),
    },
  ]);
}

function outcomeOf(gate: GateResult): JunitOutcome {
  switch (concernOf(gate)) {
    case 'pass':
      return { kind: 'passed' };
    case 'skip':
      return { kind: 'skipped', message: gate.because };
    case 'fail':
      return { kind: 'failure', message: leading(gate), type: gate.kind, lines: details(gate) };
    case 'warn':
      return { kind: 'passed', lines: [`Warning: ${leading(gate)}`, ...details(gate).slice(1)] };
    case 'info':
      return { kind: 'passed', lines: [`Info: ${leading(gate)}`, ...details(gate).slice(1)] };
  }
}

function leading({ verdict, because }: GateResult): string {
  return verdict === 'inconclusive' ? `inconclusive: ${because}` : because;
}

function details(gate: GateResult): string[] {
  const { value, interval, slice, versus, adjustedP } = gate;
  const measured = `${gate.metric}: ${formatMetric(gate.metric, value)}`;
  const range = formatInterval(interval, (bound) => formatMetric(gate.metric, bound));
  return [
    leading(gate),
    range === '' ? measured : `${measured}, interval ${range}`,
    ...(slice === undefined ? [] : [`rows of the slice: ${slice.rows}`]),
    ...(versus === undefined ? [] : [`${versus.baseline}: ${formatMetric(gate.metric, versus.value)}`]),
    ...(versus?.comparison === undefined
      ? []
      : [
          `difference: ${differenceText(versus.comparison)} at a margin of ${formatNumber(versus.comparison.margin)}, ${versus.comparison.test}, p ${formatNumber(versus.comparison.p)}`,
        ]),
    ...(adjustedP === undefined ? [] : [`p, adjusted over the slices: ${formatNumber(adjustedP)}`]),
  ];
}
