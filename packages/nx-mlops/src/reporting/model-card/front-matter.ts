import type { Task } from '@nx-mlops/core';
import { stringify } from 'yaml';
import { metricOrder } from '../evaluation/compared-metrics';
import type { GateFilesInput } from '../evaluation/gate-files-input';
import { visibleText } from '../html/escape';

/** Tasks as the Hub names them; it has none for rankings of rows. */
const hubTasks: { readonly [task in Task]?: string } = {
  'binary-classification': 'tabular-classification',
  'multiclass-classification': 'tabular-classification',
  regression: 'tabular-regression',
};

/** Metrics that the Hub has another name for. */
const hubMetrics: Readonly<Record<string, string>> = {
  'roc-auc': 'roc_auc',
  brier: 'brier_score',
  mcc: 'matthews_correlation',
  r2: 'r_squared',
};

/**
 * The front matter of a model card, as the Hub of Hugging Face reads it: tags, and the metrics in `model-index`. No
 * license is claimed, for none is known.
 *
 * Source: huggingface/hub-docs, modelcard.md.
 */
export function frontMatter(input: GateFilesInput): string {
  const { evaluation, manifest } = input;
  const task = hubTasks[manifest.task];
  const name = visibleText(manifest.model);
  const metrics = metricOrder(input).flatMap((metric) => {
    const value = evaluation.metrics[metric];
    return value === undefined || value === null
      ? []
      : [{ type: hubMetrics[metric] ?? metric.replace(/-/g, '_'), value, name: visibleText(metric) }];
  });
  const { dataset, split, sha256 } = evaluation.test;
  const yaml = stringify(
    {
      library_name: 'onnx',
      ...(task === undefined ? {} : { pipeline_tag: task }),
      tags: ['nx-mlops', 'onnx', ...(task === undefined ? [] : ['tabular']), manifest.task],
      // The Hub wants at least one metric of a result.
      ...(metrics.length === 0
        ? {}
        : {
            'model-index': [
              {
                name,
                results: [
                  {
                    task: { type: task ?? 'other', name: manifest.task.replace('-', ' ') },
                    dataset: {
                      type: visibleText(dataset),
                      name: visibleText(dataset),
                      split: visibleText(split),
                      revision: sha256,
                    },
                    metrics,
                  },
                ],
              },
            ],
          }),
    },
    { lineWidth: 0 },
  );
  return `---\n${yaml}---\n`;
}
