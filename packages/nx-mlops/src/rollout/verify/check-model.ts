import { layout, type TensorSignature, type VersionRecord } from '@nx-mlops/core';
import { inspectModel } from '@nx-mlops/runtime';
import { fail, pass, type Finding } from './finding';

/**
 * Whether ONNX Runtime finds in the model file the inputs and outputs that the manifest promises.
 *
 * @param modelFile its bytes are those of the version
 * @throws MlopsError of `inspectModel`
 */
export async function checkModel({ manifest }: VersionRecord, modelFile: string): Promise<Finding> {
  const { inputs, outputs } = await inspectModel(modelFile);
  const differences = [
    ...tensorDifferences('input', manifest.inputs, inputs),
    ...tensorDifferences('output', manifest.outputs, outputs),
  ];
  if (differences.length === 0) return pass();
  return fail(
    `${layout.modelFile} is not what its manifest says: ${differences.join('; ')}. Train and register it anew`,
  );
}

function tensorDifferences(
  kind: 'input' | 'output',
  promised: readonly TensorSignature[],
  found: readonly TensorSignature[],
): string[] {
  const differences = promised.flatMap((tensor) => {
    const other = found.find(({ name }) => name === tensor.name);
    if (other === undefined) return [`it has no ${kind} "${tensor.name}"`];
    return textOf(other) === textOf(tensor)
      ? []
      : [`the ${kind} "${tensor.name}" is ${textOf(other)} instead of ${textOf(tensor)}`];
  });
  const extra = found
    .filter(({ name }) => !promised.some((tensor) => tensor.name === name))
    .map(({ name }) => `it has an ${kind} "${name}" more`);
  return [...differences, ...extra];
}

function textOf({ type, shape }: TensorSignature): string {
  return `${type}[${shape.join(', ')}]`;
}
