import type { ModelManifest } from '../manifest/model-manifest';

type Signature = Pick<ModelManifest, 'task' | 'features' | 'inputLayout' | 'inputs' | 'outputs'>;

/**
 * How what two models take and give differs, for a caller of the one who would get the other; empty when they can stand
 * for each other. Outputs that only the second has disturb nobody.
 */
export function signatureDifferences(from: Signature, to: Signature): string[] {
  const differences: string[] = [];
  if (from.task !== to.task) differences.push(`the task is ${to.task} instead of ${from.task}`);
  if (from.inputLayout !== to.inputLayout) {
    differences.push(`its inputs are laid out as ${to.inputLayout} instead of ${from.inputLayout}`);
  }
  const before = from.inputs.map(({ name }) => name);
  for (const input of to.inputs) {
    const known = from.inputs.find(({ name }) => name === input.name);
    if (known === undefined) differences.push(`it asks for the input "${input.name}"`);
    else if (known.type !== input.type || !sameShape(known.shape, input.shape)) {
      differences.push(
        `the input "${input.name}" is ${input.type}[${input.shape.join(',')}] instead of ${known.type}[${known.shape.join(',')}]`,
      );
    }
  }
  const after = to.inputs.map(({ name }) => name);
  for (const name of before.filter((each) => !after.includes(each))) {
    differences.push(`it does not take the input "${name}"`);
  }
  const order = (features: Signature['features']) => features.map(({ name }) => name).join(', ');
  if (
    from.inputLayout === 'matrix' &&
    to.inputLayout === 'matrix' &&
    order(from.features) !== order(to.features)
  ) {
    differences.push(`its features are ${order(to.features)} instead of ${order(from.features)}`);
  }
  for (const output of from.outputs) {
    const known = to.outputs.find(({ name }) => name === output.name);
    if (known === undefined) differences.push(`it does not give the output "${output.name}"`);
    else if (known.type !== output.type || !sameShape(known.shape, output.shape)) {
      differences.push(
        `the output "${output.name}" is ${known.type}[${known.shape.join(',')}] instead of ${output.type}[${output.shape.join(',')}]`,
      );
    }
  }
  return differences;
}

/** -1 stands for any size. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
