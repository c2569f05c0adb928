import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError, layout, sha256OfFile, type ModelManifest, type RunContext } from '@nx-mlops/core';
import { inspectModel, matchSignature } from '@nx-mlops/runtime';
import type { TrainingSplits } from './run-context';

/**
 * Reads the model that a training left and says what it is.
 *
 * @throws MlopsError MLOPS_TRAINING_NO_MODEL when there is none; what `inspectModel` and `matchSignature` throw when
 *   ONNX Runtime cannot load it or it does not take the declared features
 */
export async function describeModel(
  context: RunContext,
  splits: TrainingSplits,
  signal: AbortSignal,
): Promise<ModelManifest> {
  const file = join(context.outputDir, layout.modelFile);
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) throw await noModel(context);
  const { inputs, outputs } = await inspectModel(file);
  const { inputLayout, scoreOutput } = matchSignature({
    inputs,
    outputs,
    features: context.features,
    task: context.task,
    ...(context.classes === undefined ? {} : { classes: context.classes }),
  });
  return {
    version: 1,
    model: context.model,
    task: context.task,
    file: { sha256: await sha256OfFile(file, signal), size },
    features: context.features,
    target: context.target.name,
    ...(context.classes === undefined ? {} : { classes: context.classes }),
    inputLayout,
    inputs,
    outputs,
    ...(scoreOutput === undefined ? {} : { scoreOutput }),
    datasets: Object.fromEntries(
      Object.entries(splits).flatMap(([role, split]) =>
        split === undefined ? [] : [[role, describeSplit(split.manifest)]],
      ),
    ),
  };
}

function describeSplit({
  dataset,
  split,
  file,
  rows,
}: NonNullable<TrainingSplits['validation']>['manifest']) {
  return { dataset, split, sha256: file.sha256, rows };
}

async function noModel({ model, outputDir }: RunContext): Promise<MlopsError> {
  const left = (await readdir(outputDir)).filter((name) => name !== layout.metricLog);
  const instead = left.length === 0 ? '' : ` It left ${left.slice(0, 5).join(', ')} instead.`;
  return new MlopsError(
    'MLOPS_TRAINING_NO_MODEL',
    `The training of "${model}" ended well but left no ${layout.modelFile} in its output folder.${instead} Write the model to <outputDir>/${layout.modelFile}; outputDir stands in the run context that MLOPS_RUN names.`,
  );
}
