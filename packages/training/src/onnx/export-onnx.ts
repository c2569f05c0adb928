import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  MlopsError,
  layout,
  sha256OfBytes,
  writeAtomically,
  type RunContext,
  type Sha256,
} from '@nx-mlops/core';
import type { Encoder } from '../encoding/encoder';
import { blocksOfInputs } from '../encoding/model-inputs';
import { activationNodes } from './activation-nodes';
import { encodingNodes } from './encoding-nodes';
import { GraphBuilder, type GraphTensor } from './graph-builder';
import { modelNodes, weightsOfLayers } from './model-nodes';
import { encodeOnnx } from './onnx-model';

export interface ExportOptions {
  /** Classification: the model ends in logits; the graph turns them into probabilities. @default false */
  readonly logits?: boolean;
}

export interface ExportedModel {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: Sha256;
}

/** The graph's output: `[N]`, or `[N, classes]` of a multiclass classification. */
export const SCORES = 'scores';

/** Writes `model.onnx` into the run's output folder; see {@link onnxOf}. */
export async function exportOnnx(
  context: Pick<RunContext, 'task' | 'classes' | 'outputDir'>,
  model: LayersModel,
  encoder: Encoder,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  const bytes = await onnxOf(context, model, encoder, options);
  const file = join(context.outputDir, layout.modelFile);
  await writeAtomically(file, bytes);
  return { file, size: bytes.length, sha256: sha256OfBytes(bytes) };
}

/**
 * Encoder and model as the bytes of one ONNX graph. It has an input a feature, `[N, 1]`: strings, with '' for missing; any
 * other type float32, with NaN for missing and 1 and 0 for booleans. The output `scores` is the probability of the second
 * class `[N]`, the probabilities of the classes `[N, classes]`, or the predicted value `[N]` in units of the target.
 *
 * @throws MlopsError MLOPS_EXPORT_UNSUPPORTED_LAYER, MLOPS_EXPORT_UNSUPPORTED_ACTIVATION, MLOPS_TRAINING_MODEL_INPUT, and
 *   MLOPS_EXPORT_OUTPUT when the model's output is not that of the task, MLOPS_EXPORT_FEATURE_NAME for a feature "scores"
 */
export async function onnxOf(
  context: Pick<RunContext, 'task' | 'classes'>,
  model: LayersModel,
  encoder: Encoder,
  { logits = false }: ExportOptions = {},
): Promise<Uint8Array> {
  checkOutput(context, model, logits);
  checkNames(encoder);
  const graph = new GraphBuilder();
  const blocks = encodingNodes(graph, encoder);
  const inputs = blocksOfInputs(model, encoder).map((block) => blocks.get(block) as GraphTensor);
  const [raw] = modelNodes(graph, model, await weightsOfLayers(model), inputs) as [GraphTensor];
  graph.output(SCORES, scoresOf(graph, context, raw, encoder, logits));
  return encodeOnnx(graph.model('model'));
}

/** How many columns the last layer must have, and what turns logits into probabilities. */
function expectedOutput({ task, classes }: Pick<RunContext, 'task' | 'classes'>): {
  width: number | undefined;
  probability: 'sigmoid' | 'softmax' | undefined;
} {
  switch (task) {
    case 'binary-classification':
      return { width: 1, probability: 'sigmoid' };
    case 'multiclass-classification':
      return { width: classes?.length, probability: 'softmax' };
    case 'regression':
    case 'ranking':
      return { width: 1, probability: undefined };
    case 'custom':
      return { width: undefined, probability: undefined };
  }
}

function checkNames({ features }: Encoder): void {
  if (!features.some(({ feature }) => feature === SCORES)) return;
  throw new MlopsError(
    'MLOPS_EXPORT_FEATURE_NAME',
    `A feature is called "${SCORES}", which is the name of the exported model's output. Rename the column in the dataset's "prepare" query.`,
  );
}

function checkOutput(
  context: Pick<RunContext, 'task' | 'classes'>,
  model: LayersModel,
  logits: boolean,
): void {
  const { width, probability } = expectedOutput(context);
  const [output] = model.outputs;
  const shape = output?.shape ?? [];
  if (model.outputs.length !== 1 || shape.length !== 2 || (width !== undefined && shape[1] !== width)) {
    throw new MlopsError(
      'MLOPS_EXPORT_OUTPUT',
      `The model ends in ${model.outputs.length === 1 ? `the shape [rows, ${shape.slice(1).join(', ')}]` : `${model.outputs.length} outputs`}, but a ${context.task} needs one output of the shape [rows, ${width ?? 'any'}]. Let it end in dense({ units: ${width ?? 1}${probability === undefined ? '' : `, activation: '${probability}'`} }).`,
    );
  }
  const layer = output?.sourceLayer;
  const isDense = layer?.getClassName() === 'Dense';
  const last = layer?.getConfig()['activation'];
  if (probability === undefined || !isDense || logits === (last === 'linear')) return;
  throw new MlopsError(
    'MLOPS_EXPORT_OUTPUT',
    logits
      ? `The model is exported with "logits", but its last layer "${layer.name}" already has the activation "${String(last)}". Leave out "logits".`
      : `The last layer "${layer?.name}" is linear, so its scores are no probabilities. Give it activation: '${probability}', or export with { logits: true } when the loss takes logits.`,
  );
}

function scoresOf(
  graph: GraphBuilder,
  context: Pick<RunContext, 'task' | 'classes'>,
  raw: GraphTensor,
  { target }: Encoder,
  logits: boolean,
): GraphTensor {
  const { probability } = expectedOutput(context);
  const shaped = logits && probability !== undefined ? activationNodes(graph, probability, raw, SCORES) : raw;
  if (context.task === 'multiclass-classification' || context.task === 'custom') return shaped;
  const vector = { type: 'float32', shape: [null] } as const;
  const flat = graph.node('Squeeze', [shaped, graph.integers([1], [1])], vector);
  if (target.offset === 0 && target.scale === 1) return flat;
  const divided = graph.node('Div', [flat, graph.floats([target.scale], [])], vector);
  return graph.node('Add', [divided, graph.floats([target.offset], [])], vector);
}
