import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { GraphBuilder, GraphTensor } from './graph-builder';
import { layerNodes, type LayerWeight } from './layer-nodes';

type Layer = LayersModel['layers'][number];

/** Weights of every layer, those of nested models among them. */
export type WeightsOfLayers = ReadonlyMap<Layer, readonly LayerWeight[]>;

/** Fetches the weights from the backend, before the graph is built. */
export async function weightsOfLayers(model: LayersModel): Promise<WeightsOfLayers> {
  const weights = new Map<Layer, LayerWeight[]>();
  for (const layer of model.layers) {
    if (isModel(layer)) {
      for (const [inner, values] of await weightsOfLayers(layer)) weights.set(inner, [...values]);
    } else {
      weights.set(
        layer,
        await Promise.all(
          layer.getWeights().map(async (tensor) => ({
            shape: tensor.shape,
            values: Float32Array.from(await tensor.data()),
          })),
        ),
      );
    }
  }
  return weights;
}

/**
 * The model as nodes, for one call of it: follows each output back to the inputs, every layer once.
 *
 * @param inputs a tensor for each of the model's inputs, in their order
 */
export function modelNodes(
  graph: GraphBuilder,
  model: LayersModel,
  weights: WeightsOfLayers,
  inputs: readonly GraphTensor[],
): GraphTensor[] {
  const known = new Map<number, GraphTensor>();
  model.inputs.forEach((input, index) => known.set(input.id, inputs[index] as GraphTensor));

  function tensorFor(symbolic: SymbolicTensor): GraphTensor {
    const found = known.get(symbolic.id);
    if (found !== undefined) return found;
    const layer = symbolic.sourceLayer;
    const node = layer.inboundNodes[symbolic.nodeIndex];
    const sources = (node?.inputTensors ?? []).map(tensorFor) as [GraphTensor, ...GraphTensor[]];
    const outputs = isModel(layer)
      ? modelNodes(graph, layer, weights, sources)
      : [
          layerNodes(graph, {
            name: layer.name,
            className: layer.getClassName(),
            config: layer.getConfig(),
            weights: weights.get(layer) ?? [],
            inputs: sources,
            shape: symbolic.shape,
          }),
        ];
    const output = outputs[symbolic.tensorIndex ?? 0] as GraphTensor;
    known.set(symbolic.id, output);
    return output;
  }

  return model.outputs.map(tensorFor);
}

/** A model that is used as a layer. */
function isModel(layer: Layer): layer is LayersModel {
  return 'layers' in layer && Array.isArray(layer.layers);
}
