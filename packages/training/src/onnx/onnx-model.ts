import protobuf from 'protobufjs/light';
import descriptor from './onnx-proto.json';

/** The parts of an ONNX model that we write, as the messages of onnx-proto.proto. */
export interface OnnxModel {
  irVersion: number;
  opsetImport: { domain: string; version: number }[];
  producerName: string;
  graph: OnnxGraph;
}

export interface OnnxGraph {
  name: string;
  node: OnnxNode[];
  initializer: OnnxTensor[];
  input: OnnxValue[];
  output: OnnxValue[];
}

export interface OnnxNode {
  opType: string;
  domain?: string;
  name: string;
  input: string[];
  output: string[];
  attribute: OnnxAttribute[];
}

export type OnnxAttribute =
  | { name: string; type: AttributeType.float; f: number }
  | { name: string; type: AttributeType.int; i: number }
  | { name: string; type: AttributeType.string; s: Uint8Array }
  | { name: string; type: AttributeType.floats; floats: number[] }
  | { name: string; type: AttributeType.ints; ints: number[] }
  | { name: string; type: AttributeType.strings; strings: Uint8Array[] };

export enum AttributeType {
  float = 1,
  int = 2,
  string = 3,
  floats = 6,
  ints = 7,
  strings = 8,
}

export enum ElementType {
  float32 = 1,
  int64 = 7,
  string = 8,
}

export interface OnnxTensor {
  name: string;
  dims: number[];
  dataType: ElementType;
  /** Little-endian. */
  rawData: Uint8Array;
}

export interface OnnxValue {
  name: string;
  type: {
    tensorType: { elemType: ElementType; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } };
  };
}

const modelType = protobuf.Root.fromJSON(descriptor).lookupType('onnx.ModelProto');

/** An ONNX model as the bytes of a `.onnx` file; equal models give equal bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  return modelType.encode(modelType.fromObject(model)).finish();
}
