import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import type { SplitReference } from '../config-summary';
import { contract, modelConfigWithout, output, splitManifest } from './inputs';
import { baseTarget, type ModelContext } from './target-context';
import { scriptFiles } from './script-files';
import { validatedDatasets } from './validated-datasets';

const CONTRACT = 1;

export function trainTarget(context: ModelContext): TargetConfiguration {
  const splits = trainingSplits(context);
  const { metadata, ...base } = baseTarget(
    'train',
    context,
    'Runs the training script and keeps the ONNX model that it leaves',
  );
  const { resourceClass, exclusive } = context.summary;
  return {
    ...base,
    // Nx hashes no metadata: where a model is trained is not what it comes to.
    metadata: { ...metadata, ...(resourceClass === undefined ? {} : { resourceClass }) },
    cache: true,
    dependsOn: [validatedDatasets(splits, context.options)],
    inputs: [
      modelConfigWithout('evaluation', 'datasets.test', 'training.timeoutMinutes', 'training.resourceClass'),
      ...scriptFiles(context, context.summary.language),
      ...splits.map(splitManifest),
      contract('train', CONTRACT),
    ],
    outputs: [output(layout.model)],
    ...(exclusive ? { parallelism: false } : {}),
  };
}

function trainingSplits({ summary: { datasets } }: ModelContext): SplitReference[] {
  return datasets.validation === undefined ? [datasets.train] : [datasets.train, datasets.validation];
}
