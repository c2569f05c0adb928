import {
  AttributeType,
  ElementType,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-model';

/** A tensor in the graph under construction. A dimension of `null` is the number of rows. */
export interface GraphTensor {
  readonly name: string;
  readonly type: 'float32' | 'int64' | 'string' | 'bool';
  readonly shape: readonly (number | null)[];
}

export type AttributeValue =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly string: string }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly number[] }
  | { readonly strings: readonly string[] };

/** The dimension that stands for the number of rows. */
const ROWS = 'N';
const ONNX_ML = 'ai.onnx.ml';

/** Gathers the nodes and constants of an ONNX graph. Names count up, so that the same calls give the same bytes. */
export class GraphBuilder {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxTensor[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  /** Names from outside: a feature may be called what a node would be. */
  private readonly reserved = new Set<string>();

  /** An input of the graph, `[N, 1]`. All inputs come before the first node. */
  input(name: string, type: 'float32' | 'string'): GraphTensor {
    const tensor: GraphTensor = { name, type, shape: [null, 1] };
    this.inputs.push(valueOf(tensor));
    this.reserved.add(name);
    return tensor;
  }

  /** Gives a tensor to the outside under a name of its own. */
  output(name: string, tensor: GraphTensor): void {
    this.nodes.push({ opType: 'Identity', name, input: [tensor.name], output: [name], attribute: [] });
    this.outputs.push(valueOf({ ...tensor, name }));
  }

  /** A constant of 32-bit floats. */
  floats(values: Float32Array | readonly number[], shape: readonly number[]): GraphTensor {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value: number, index: number) => view.setFloat32(index * 4, value, true));
    return this.constant('float32', ElementType.float32, shape, view);
  }

  /** A constant of 64-bit integers. */
  integers(values: readonly number[], shape: readonly number[]): GraphTensor {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, index) => view.setBigInt64(index * 8, BigInt(value), true));
    return this.constant('int64', ElementType.int64, shape, view);
  }

  /** Adds a node with one output and returns the output. */
  node(
    opType: string,
    inputs: readonly GraphTensor[],
    result: Pick<GraphTensor, 'type' | 'shape'>,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): GraphTensor {
    const name = this.freeName(`${opType}_${this.nodes.length}`);
    this.nodes.push({
      opType,
      ...(opType === 'LabelEncoder' ? { domain: ONNX_ML } : {}),
      name,
      input: inputs.map((input) => input.name),
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
    });
    return { name, type: result.type, shape: result.shape };
  }

  /** IR 10, opset 21 and ai.onnx.ml 3: old enough for servers of 2024, and all that the nodes need. */
  model(name: string): OnnxModel {
    return {
      irVersion: 10,
      opsetImport: [
        { domain: '', version: 21 },
        { domain: ONNX_ML, version: 3 },
      ],
      producerName: 'nx-mlops',
      graph: {
        name,
        node: this.nodes,
        initializer: this.constants,
        input: this.inputs,
        output: this.outputs,
      },
    };
  }

  private freeName(wanted: string): string {
    return this.reserved.has(wanted) ? this.freeName(`${wanted}_`) : wanted;
  }

  private constant(
    type: GraphTensor['type'],
    dataType: ElementType,
    shape: readonly number[],
    view: DataView,
  ): GraphTensor {
    const name = this.freeName(`constant_${this.constants.length}`);
    this.constants.push({ name, dims: [...shape], dataType, rawData: new Uint8Array(view.buffer) });
    return { name, type, shape };
  }
}

function valueOf({ name, type, shape }: GraphTensor): OnnxValue {
  const elemType = { float32: ElementType.float32, string: ElementType.string, int64: ElementType.int64 };
  if (type === 'bool') throw new TypeError(`${name}: a graph of ours has no bool at its edge`);
  return {
    name,
    type: {
      tensorType: {
        elemType: elemType[type],
        shape: { dim: shape.map((size) => (size === null ? { dimParam: ROWS } : { dimValue: size })) },
      },
    },
  };
}

function attributeOf(name: string, value: AttributeValue): OnnxAttribute {
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  if ('int' in value) return { name, type: AttributeType.int, i: value.int };
  if ('string' in value) return { name, type: AttributeType.string, s: Buffer.from(value.string) };
  if ('floats' in value) return { name, type: AttributeType.floats, floats: [...value.floats] };
  if ('ints' in value) return { name, type: AttributeType.ints, ints: [...value.ints] };
  return { name, type: AttributeType.strings, strings: value.strings.map((text) => Buffer.from(text)) };
}
