import { layout } from '@nx-mlops/core';
import { evaluationHtml } from './evaluation-html';
import { evaluationJunit } from './evaluation-junit';
import { evaluationMetrics } from './evaluation-metrics';
import { evaluationMarkdown } from './evaluation-markdown';
import { modelCard } from '../model-card/model-card';
import type { GateFilesInput } from './gate-files-input';

export type { GateFilesInput } from './gate-files-input';

/**
 * The reports on a gated model: by file name, their texts. The same input gives the same bytes.
 *
 * @returns report.md, report.html, junit.xml, metrics.txt, MODEL_CARD.md
 */
export async function gateFiles(input: GateFilesInput): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [layout.gateReport, evaluationMarkdown(input)],
    [layout.gatePage, await evaluationHtml(input)],
    [layout.gateJunit, evaluationJunit(input)],
    [layout.gateMetrics, evaluationMetrics(input)],
    [layout.modelCard, modelCard(input)],
  ]);
}
