/**
 * Node's test environment with Node's own typed arrays. Jest runs each test file in a realm of its own, whose
 * Float32Array is another one than that of ONNX Runtime's native code; its `instanceof` checks then refuse every tensor.
 */
const { TestEnvironment } = require('jest-environment-node');

const typedArrays = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
];

module.exports = class NativeArraysEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const array of typedArrays) this.global[array.name] = array;
  }
};
