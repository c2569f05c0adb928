import { MlopsError, suggestion } from '@nx-mlops/core';
import type { AttributeValue, GraphBuilder, GraphTensor } from './graph-builder';

type Activate = (graph: GraphBuilder, input: GraphTensor) => GraphTensor;

/** An activation that is one ONNX operator. */
function operator(opType: string, attributes: Readonly<Record<string, AttributeValue>> = {}): Activate {
  return (graph, input) => graph.node(opType, [input], input, attributes);
}

/** The activations of tfjs-layers by their names. */
const activations: Readonly<Record<string, Activate>> = {
  linear: (_graph, input) => input,
  relu: operator('Relu'),
  relu6: (graph, input) => clipped(graph, graph.node('Relu', [input], input), 6),
  elu: operator('Elu', { alpha: { float: 1 } }),
  selu: operator('Selu'),
  sigmoid: operator('Sigmoid'),
  hardSigmoid: operator('HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  softplus: operator('Softplus'),
  softsign: operator('Softsign'),
  tanh: operator('Tanh'),
  softmax: operator('Softmax', { axis: { int: -1 } }),
  logSoftmax: operator('LogSoftmax', { axis: { int: -1 } }),
  swish: (graph, input) => graph.node('Mul', [input, graph.node('Sigmoid', [input], input)], input),
  mish: (graph, input) => {
    const softplus = graph.node('Softplus', [input], input);
    return graph.node('Mul', [input, graph.node('Tanh', [softplus], input)], input);
  },
  gelu: operator('Gelu', { approximate: { string: 'none' } }),
  gelu_new: operator('Gelu', { approximate: { string: 'tanh' } }),
};

/** Names of the activations that can be exported. */
export const activationNames = Object.keys(activations);

/** @throws MlopsError MLOPS_EXPORT_UNSUPPORTED_ACTIVATION */
export function activationNodes(
  graph: GraphBuilder,
  name: string,
  input: GraphTensor,
  layer: string,
): GraphTensor {
  const activate = activations[name];
  if (activate !== undefined) return activate(graph, input);
  throw new MlopsError(
    'MLOPS_EXPORT_UNSUPPORTED_ACTIVATION',
    `The layer "${layer}" has the activation "${name}", which the ONNX export does not know.${suggestion(name, activationNames)}`,
  );
}

/** No more than `maximum`. */
export function clipped(graph: GraphBuilder, input: GraphTensor, maximum: number): GraphTensor {
  return graph.node('Min', [input, graph.floats([maximum], [])], input);
}
