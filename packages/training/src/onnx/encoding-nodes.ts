import type { EncodedBlock, Encoder } from '../encoding/encoder';
import { widthOf, type CategoryEncoding, type NumberEncoding } from '../encoding/encoding';
import type { GraphBuilder, GraphTensor } from './graph-builder';

/**
 * The encoder as nodes: one input a feature, `[N, 1]` of float32 or strings; a matrix a block.
 *
 * The arithmetic is that of `Encoder.encode` step by step, so that both give the same bits.
 */
export function encodingNodes(graph: GraphBuilder, encoder: Encoder): Map<EncodedBlock, GraphTensor> {
  const inputs = encoder.features.map(({ feature, type }) =>
    graph.input(feature, type === 'string' ? 'string' : 'float32'),
  );
  const oneHot: GraphTensor[] = [];
  const indices = new Map<string, GraphTensor>();
  const numbers: { encoding: NumberEncoding; input: GraphTensor }[] = [];
  encoder.features.forEach((encoding, feature) => {
    const input = inputs[feature] as GraphTensor;
    if (encoding.kind === 'number') numbers.push({ encoding, input });
    else if (encoding.encoding === 'one-hot') oneHot.push(oneHotNodes(graph, encoding, input));
    else indices.set(encoding.feature, categoryIndex(graph, encoding, input, { first: 1, unknown: 0 }));
  });
  const dense = [...numberNodes(graph, numbers), ...oneHot];
  return new Map(
    encoder.blocks.map((block) => [
      block,
      block.feature === undefined ? concatenated(graph, dense) : (indices.get(block.feature) as GraphTensor),
    ]),
  );
}

/** All numbers at once as a matrix: scaled, then the indicators of missing ones. */
function numberNodes(
  graph: GraphBuilder,
  numbers: readonly { encoding: NumberEncoding; input: GraphTensor }[],
): GraphTensor[] {
  if (numbers.length === 0) return [];
  const shape = [null, numbers.length];
  const row = (values: number[]) => graph.floats(values, [1, numbers.length]);
  const encodings = numbers.map(({ encoding }) => encoding);
  const raw = concatenated(
    graph,
    numbers.map(({ input }) => input),
  );
  const nan = graph.node('IsNaN', [raw], { type: 'bool', shape });
  const infinite = graph.node('IsInf', [raw], { type: 'bool', shape });
  const missing = graph.node('Or', [nan, infinite], { type: 'bool', shape });
  const shifted = graph.node('Sub', [raw, row(encodings.map(({ offset }) => offset))], {
    type: 'float32',
    shape,
  });
  const scaled = graph.node('Mul', [shifted, row(encodings.map(({ scale }) => scale))], {
    type: 'float32',
    shape,
  });
  const filled = graph.node('Where', [missing, row(encodings.map(({ fill }) => fill)), scaled], {
    type: 'float32',
    shape,
  });
  const indicated = encodings.flatMap(({ indicator }, column) => (indicator ? [column] : []));
  if (indicated.length === 0) return [filled];
  const flags = graph.node('Cast', [missing], { type: 'float32', shape }, { to: { int: 1 } });
  const columns = graph.integers(indicated, [indicated.length]);
  const indicators = graph.node(
    'Gather',
    [flags, columns],
    { type: 'float32', shape: [null, indicated.length] },
    { axis: { int: 1 } },
  );
  return [filled, indicators];
}

function oneHotNodes(graph: GraphBuilder, encoding: CategoryEncoding, input: GraphTensor): GraphTensor {
  const width = widthOf(encoding);
  // An unknown category gets the number after the last key. Where it has no column, that is out of range: all zeros.
  const index = categoryIndex(graph, encoding, input, { first: 0, unknown: encoding.keys.length });
  const depth = graph.integers([width], [1]);
  const values = graph.floats([0, 1], [2]);
  const hot = graph.node(
    'OneHot',
    [index, depth, values],
    { type: 'float32', shape: [null, 1, width] },
    { axis: { int: -1 } },
  );
  return graph.node('Flatten', [hot], { type: 'float32', shape: [null, width] }, { axis: { int: 1 } });
}

function categoryIndex(
  graph: GraphBuilder,
  { type, keys }: CategoryEncoding,
  input: GraphTensor,
  { first, unknown }: { first: number; unknown: number },
): GraphTensor {
  const values = { ints: keys.map((_, place) => first + place) };
  return graph.node(
    'LabelEncoder',
    [input],
    { type: 'int64', shape: [null, 1] },
    {
      ...(type === 'string'
        ? { keys_strings: { strings: keys as string[] } }
        : { keys_floats: { floats: keys as number[] } }),
      values_int64s: values,
      default_int64: { int: unknown },
    },
  );
}

function concatenated(graph: GraphBuilder, tensors: readonly GraphTensor[]): GraphTensor {
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) return only;
  const width = tensors.reduce((sum, { shape }) => sum + (shape[1] as number), 0);
  return graph.node('Concat', tensors, { type: 'float32', shape: [null, width] }, { axis: { int: 1 } });
}
