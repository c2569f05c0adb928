import { Reader, Writer } from 'protobufjs/minimal';

/** The distinct values of text inputs, by the input's name. */
export type Dictionaries = Readonly<Record<string, readonly string[]>>;

/** What an input is called when it takes codes. */
export function codedInputName(input: string): string {
  return `${input} (codes)`;
}

/**
 * The same model, but that the text inputs of these dictionaries take codes: whole numbers (int32) of the same shape, each
 * the place of its text in the dictionary. A node in front of the others (Gather over a constant) looks the text up under the
 * name of the former input. All else stays as it is, byte for byte.
 *
 * @param model a ModelProto, see onnx/onnx.proto of the ONNX project
 * @throws Error for bytes that are no such message
 */
export function withCodedInputs(model: Uint8Array, dictionaries: Dictionaries): Uint8Array {
  return rewritten(model, (field, bytes) =>
    field === Field.modelGraph ? graphWithCodedInputs(bytes, dictionaries) : undefined,
  );
}

/** Numbers of the fields in onnx/onnx.proto (ONNX 1.23). */
const Field = {
  modelGraph: 7,
  graphNode: 1,
  graphInput: 11,
  valueName: 1,
  valueType: 2,
  typeTensor: 1,
  tensorTypeElement: 1,
  nodeInput: 1,
  nodeOutput: 2,
  nodeOperator: 4,
  nodeAttribute: 5,
  attributeName: 1,
  attributeTensor: 5,
  attributeType: 20,
  tensorDimensions: 1,
  tensorElement: 2,
  tensorStrings: 6,
} as const;
const TENSOR_ATTRIBUTE = 4;
const INT32 = 6;
const STRING = 8;
/** How protobuf lays a value out: https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const BYTES = 2;

function graphWithCodedInputs(graph: Uint8Array, dictionaries: Dictionaries): Uint8Array {
  const inputs = rewritten(graph, (field, bytes) => {
    if (field !== Field.graphInput) return undefined;
    const name = nameOf(bytes);
    return Object.hasOwn(dictionaries, name) ? codedInput(bytes, name) : undefined;
  });
  const nodes = Writer.create();
  for (const [name, values] of Object.entries(dictionaries)) {
    for (const node of lookUp(name, values)) nodes.uint32(tag(Field.graphNode, BYTES)).bytes(node);
  }
  // Nodes have to stand in the order in which they work.
  return Buffer.concat([nodes.finish(), inputs]);
}

function nameOf(valueInfo: Uint8Array): string {
  let name = '';
  rewritten(valueInfo, (field, bytes) => {
    if (field === Field.valueName) name = Buffer.from(bytes).toString();
    return undefined;
  });
  return name;
}

function codedInput(valueInfo: Uint8Array, name: string): Uint8Array {
  return rewritten(valueInfo, (field, bytes) => {
    if (field === Field.valueName) return Buffer.from(codedInputName(name));
    if (field !== Field.valueType) return undefined;
    return rewritten(bytes, (kind, tensor) =>
      // Of a field that occurs twice, the last one holds.
      kind === Field.typeTensor
        ? Buffer.concat([
            tensor,
            Writer.create().uint32(tag(Field.tensorTypeElement, VARINT)).int32(INT32).finish(),
          ])
        : undefined,
    );
  });
}

/** A constant with the texts, and a node that gives the text of each code. */
function lookUp(input: string, values: readonly string[]): Uint8Array[] {
  const dictionary = `${input} (texts)`;
  const tensor = Writer.create()
    .uint32(tag(Field.tensorDimensions, VARINT))
    .int64(values.length)
    .uint32(tag(Field.tensorElement, VARINT))
    .int32(STRING);
  for (const value of values) tensor.uint32(tag(Field.tensorStrings, BYTES)).bytes(Buffer.from(value));
  const attribute = Writer.create()
    .uint32(tag(Field.attributeName, BYTES))
    .string('value')
    .uint32(tag(Field.attributeTensor, BYTES))
    .bytes(tensor.finish())
    .uint32(tag(Field.attributeType, VARINT))
    .int32(TENSOR_ATTRIBUTE)
    .finish();
  const constant = Writer.create()
    .uint32(tag(Field.nodeOutput, BYTES))
    .string(dictionary)
    .uint32(tag(Field.nodeOperator, BYTES))
    .string('Constant')
    .uint32(tag(Field.nodeAttribute, BYTES))
    .bytes(attribute)
    .finish();
  const gather = Writer.create()
    .uint32(tag(Field.nodeInput, BYTES))
    .string(dictionary)
    .uint32(tag(Field.nodeInput, BYTES))
    .string(codedInputName(input))
    .uint32(tag(Field.nodeOutput, BYTES))
    .string(input)
    .uint32(tag(Field.nodeOperator, BYTES))
    .string('Gather')
    .finish();
  return [constant, gather];
}

function tag(field: number, layout: number): number {
  return (field << 3) | layout;
}

/** A message with some of its fields of bytes replaced; `replace` gives undefined for one that stays. */
function rewritten(
  message: Uint8Array,
  replace: (field: number, bytes: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  const reader = Reader.create(message);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const key = reader.uint32();
    const layout = key & 7;
    if (layout === BYTES) {
      const bytes = reader.bytes();
      const other = replace(key >>> 3, bytes);
      if (other !== undefined) {
        parts.push(Writer.create().uint32(key).bytes(other).finish());
        continue;
      }
    } else reader.skipType(layout);
    parts.push(message.subarray(start, reader.pos));
  }
  return Buffer.concat(parts);
}
