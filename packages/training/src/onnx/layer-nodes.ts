import { MlopsError } from '@nx-mlops/core';
import { activationNodes, clipped } from './activation-nodes';
import type { AttributeValue, GraphBuilder, GraphTensor } from './graph-builder';

/** A weight of a layer, outside TensorFlow.js. */
export interface LayerWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A layer of tfjs-layers at one place of a model: what its nodes are made from. */
export interface LayerCall {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** In the order of `layer.getWeights()`. */
  readonly weights: readonly LayerWeight[];
  readonly inputs: readonly [GraphTensor, ...GraphTensor[]];
  /** Of the layer's output; `null` is the number of rows. */
  readonly shape: readonly (number | null)[];
}

type Translate = (graph: GraphBuilder, call: LayerCall) => GraphTensor;

/** What each layer does when it predicts, by its class in tfjs-layers. */
const translations: Readonly<Record<string, Translate>> = {
  Dense: dense,
  Activation: (graph, call) =>
    activationNodes(graph, textOf(call, 'activation'), floatInput(graph, call), call.name),
  ReLU: (graph, call) => {
    const output = graph.node('Relu', [floatInput(graph, call)], floatOf(call));
    const maximum = call.config['maxValue'];
    return typeof maximum === 'number' ? clipped(graph, output, maximum) : output;
  },
  LeakyReLU: (graph, call) =>
    activation(graph, call, 'LeakyRelu', { alpha: { float: numberOf(call, 'alpha') } }),
  ELU: (graph, call) => activation(graph, call, 'Elu', { alpha: { float: numberOf(call, 'alpha') } }),
  ThresholdedReLU: (graph, call) =>
    activation(graph, call, 'ThresholdedRelu', { alpha: { float: numberOf(call, 'theta') } }),
  PReLU: (graph, call) =>
    graph.node('PRelu', [floatInput(graph, call), constant(graph, weightOf(call, 0))], floatOf(call)),
  Softmax: softmax,
  Embedding: embedding,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: (graph, call) => {
    const scale = graph.floats([numberOf(call, 'scale')], []);
    const offset = graph.floats([numberOf(call, 'offset')], []);
    const scaled = graph.node('Mul', [floatInput(graph, call), scale], floatOf(call));
    return graph.node('Add', [scaled, offset], floatOf(call));
  },
  Flatten: (graph, call) => {
    if (call.config['dataFormat'] === 'channelsFirst')
      throw unsupported(call, 'with dataFormat "channelsFirst"');
    return graph.node('Flatten', [floatInput(graph, call)], floatOf(call), { axis: { int: 1 } });
  },
  Reshape: reshape,
  Concatenate: concatenate,
  Add: merge('Sum'),
  Multiply: (graph, call) => {
    const [first, ...others] = mergeInputs(graph, call) as [GraphTensor, ...GraphTensor[]];
    return others.reduce((product, factor) => graph.node('Mul', [product, factor], floatOf(call)), first);
  },
  Average: merge('Mean'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  // They act while training only.
  Dropout: (_graph, call) => call.inputs[0],
  SpatialDropout1D: (_graph, call) => call.inputs[0],
  AlphaDropout: (_graph, call) => call.inputs[0],
  GaussianDropout: (_graph, call) => call.inputs[0],
  GaussianNoise: (_graph, call) => call.inputs[0],
};

/** Classes of layers that can be exported. */
export const layerClasses = Object.keys(translations);

/**
 * The nodes of one layer.
 *
 * @throws MlopsError MLOPS_EXPORT_UNSUPPORTED_LAYER, MLOPS_EXPORT_UNSUPPORTED_ACTIVATION
 */
export function layerNodes(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const translate = translations[call.className];
  if (translate === undefined) throw unsupported(call);
  return translate(graph, call);
}

function unsupported(call: LayerCall, how = ''): MlopsError {
  return new MlopsError(
    'MLOPS_EXPORT_UNSUPPORTED_LAYER',
    `The layer "${call.name}" is a ${call.className}${how === '' ? '' : ` ${how}`}, which the ONNX export does not know. It knows ${layerClasses.join(', ')}. Use one of these, or export the model yourself and leave ${'model.onnx'} in the output folder.`,
  );
}

function dense(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const kernel = constant(graph, weightOf(call, 0));
  const product = graph.node('MatMul', [floatInput(graph, call), kernel], floatOf(call));
  const sum =
    call.config['useBias'] === true
      ? graph.node('Add', [product, constant(graph, weightOf(call, 1))], floatOf(call))
      : product;
  return activationNodes(graph, textOf(call, 'activation'), sum, call.name);
}

function softmax(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const axes = [call.config['axis']].flat();
  const [axis] = axes;
  if (axes.length !== 1 || typeof axis !== 'number') throw unsupported(call, 'over several axes');
  return activation(graph, call, 'Softmax', { axis: { int: axis } });
}

function embedding(graph: GraphBuilder, call: LayerCall): GraphTensor {
  if (call.config['maskZero'] === true) throw unsupported(call, 'with maskZero');
  const [input] = call.inputs;
  const index =
    input.type === 'int64'
      ? input
      : graph.node('Cast', [input], { type: 'int64', shape: input.shape }, { to: { int: 7 } });
  return graph.node('Gather', [constant(graph, weightOf(call, 0)), index], floatOf(call), {
    axis: { int: 0 },
  });
}

/** (x - mean) * gamma / sqrt(variance + epsilon) + beta, along one axis, with the statistics gathered in training. */
function batchNormalization(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const weights = [...call.weights];
  const gamma = call.config['scale'] === true ? weights.shift() : undefined;
  const beta = call.config['center'] === true ? weights.shift() : undefined;
  const [mean, variance] = weights as [LayerWeight, LayerWeight];
  const epsilon = numberOf(call, 'epsilon');
  const scale = variance.values.map((value, i) => (gamma?.values[i] ?? 1) / Math.sqrt(value + epsilon));
  const axis = numberOf(call, 'axis');
  const rank = call.shape.length;
  const shape = new Array<number>(rank).fill(1);
  shape[axis < 0 ? axis + rank : axis] = mean.values.length;
  const shifted = graph.node(
    'Sub',
    [floatInput(graph, call), graph.floats(mean.values, shape)],
    floatOf(call),
  );
  const scaled = graph.node('Mul', [shifted, graph.floats(scale, shape)], floatOf(call));
  return beta === undefined
    ? scaled
    : graph.node('Add', [scaled, graph.floats(beta.values, shape)], floatOf(call));
}

function layerNormalization(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const axes = [call.config['axis']].flat();
  const last = call.shape.length - 1;
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== last))
    throw unsupported(call, 'over other axes than the last');
  const weights = [...call.weights];
  const width = call.shape[last] as number;
  const ones: LayerWeight = { shape: [width], values: new Float32Array(width).fill(1) };
  const gamma = call.config['scale'] === true ? (weights.shift() as LayerWeight) : ones;
  const beta = call.config['center'] === true ? weights.shift() : undefined;
  return graph.node(
    'LayerNormalization',
    [floatInput(graph, call), constant(graph, gamma), ...(beta === undefined ? [] : [constant(graph, beta)])],
    floatOf(call),
    { axis: { int: -1 }, epsilon: { float: numberOf(call, 'epsilon') } },
  );
}

function reshape(graph: GraphBuilder, call: LayerCall): GraphTensor {
  const [, ...inner] = call.shape;
  if (inner.includes(null)) throw unsupported(call, `to the open shape [${inner.join(', ')}]`);
  // 0 keeps the number of rows.
  const shape = graph.integers([0, ...(inner as number[])], [call.shape.length]);
  return graph.node('Reshape', [floatInput(graph, call), shape], floatOf(call));
}

function concatenate(graph: GraphBuilder, call: LayerCall): GraphTensor {
  return graph.node('Concat', floatInputs(graph, call), floatOf(call), {
    axis: { int: numberOf(call, 'axis') },
  });
}

function merge(opType: string): Translate {
  return (graph, call) => graph.node(opType, mergeInputs(graph, call), floatOf(call));
}

function mergeInputs(graph: GraphBuilder, call: LayerCall): GraphTensor[] {
  const ranks = new Set(call.inputs.map(({ shape }) => shape.length));
  if (ranks.size > 1) throw unsupported(call, 'of inputs with different numbers of dimensions');
  return floatInputs(graph, call);
}

function activation(
  graph: GraphBuilder,
  call: LayerCall,
  opType: string,
  attributes: Readonly<Record<string, AttributeValue>>,
): GraphTensor {
  return graph.node(opType, [floatInput(graph, call)], floatOf(call), attributes);
}

function floatInput(graph: GraphBuilder, call: LayerCall): GraphTensor {
  return asFloat(graph, call.inputs[0]);
}

function floatInputs(graph: GraphBuilder, call: LayerCall): GraphTensor[] {
  return call.inputs.map((input) => asFloat(graph, input));
}

function asFloat(graph: GraphBuilder, tensor: GraphTensor): GraphTensor {
  if (tensor.type === 'float32') return tensor;
  return graph.node('Cast', [tensor], { type: 'float32', shape: tensor.shape }, { to: { int: 1 } });
}

function floatOf(call: LayerCall): Pick<GraphTensor, 'type' | 'shape'> {
  return { type: 'float32', shape: call.shape };
}

function constant(graph: GraphBuilder, { values, shape }: LayerWeight): GraphTensor {
  return graph.floats(values, shape);
}

function weightOf(call: LayerCall, index: number): LayerWeight {
  const weight = call.weights[index];
  if (weight !== undefined) return weight;
  throw unsupported(call, `with ${call.weights.length} weights`);
}

function numberOf(call: LayerCall, key: string): number {
  const value = call.config[key];
  if (typeof value === 'number') return value;
  throw unsupported(call, `whose ${key} is ${JSON.stringify(value)}`);
}

function textOf(call: LayerCall, key: string): string {
  const value = call.config[key];
  if (typeof value === 'string') return value;
  throw unsupported(call, `whose ${key} is ${JSON.stringify(value)}`);
}
