import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadTensorFlow, type TensorFlow } from '../tensorflow';

/** A tensor's values outside TensorFlow.js. */
export interface SavedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** The model's weights, those that are not trained among them, in the order of `model.getWeights()`. */
export async function weightsOf(model: LayersModel): Promise<SavedTensor[]> {
  return Promise.all(model.getWeights().map((tensor, index) => savedTensor(`${index}`, tensor)));
}

/** Sets the weights to those that `weightsOf` gave. */
export async function restoreWeights(model: LayersModel, weights: readonly SavedTensor[]): Promise<void> {
  const tensorFlow = await loadTensorFlow();
  const tensors = weights.map((saved) => tensorOf(tensorFlow, saved));
  model.setWeights(tensors);
  tensorFlow.dispose(tensors);
}

const OWN_VARIABLE = 'variable:';

/**
 * The optimizer's moments and counters. Beyond what `optimizer.getWeights()` gives, also the variables that it holds itself,
 * such as Adam's accumulated powers of beta: recomputed from the step count they would differ in the last digit, and the
 * resumed run from one that was never interrupted.
 */
export async function optimizerState(model: LayersModel): Promise<SavedTensor[]> {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined) return [];
  const tensorFlow = await loadTensorFlow();
  let named: Awaited<ReturnType<Optimizer['getWeights']>>;
  try {
    named = await optimizer.getWeights();
  } catch {
    // Adamax cannot give its state. A resumed run then starts with fresh moments, which is better than from scratch.
    return [];
  }
  const own = ownVariables(tensorFlow, optimizer).map(([key, variable]) => ({
    name: OWN_VARIABLE + key,
    tensor: variable as Tensor,
  }));
  return Promise.all([...named, ...own].map(({ name, tensor }) => savedTensor(name, tensor)));
}

/** Sets the optimizer to what `optimizerState` gave. */
export async function restoreOptimizer(model: LayersModel, state: readonly SavedTensor[]): Promise<void> {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined || state.length === 0) return;
  const tensorFlow = await loadTensorFlow();
  const named = state.filter(({ name }) => !name.startsWith(OWN_VARIABLE));
  await optimizer.setWeights(
    named.map((saved) => ({ name: saved.name, tensor: tensorOf(tensorFlow, saved) })),
  );
  for (const [key, variable] of ownVariables(tensorFlow, optimizer)) {
    const saved = state.find(({ name }) => name === OWN_VARIABLE + key);
    if (saved !== undefined) variable.assign(tensorOf(tensorFlow, saved));
  }
}

function optimizerOf(model: LayersModel): Optimizer | undefined {
  // A model that was not compiled has none, whatever its type says.
  return (model as { optimizer?: Optimizer }).optimizer;
}

function ownVariables(tensorFlow: typeof TensorFlow, optimizer: Optimizer): [string, Variable][] {
  return Object.entries(optimizer).filter(
    (entry): entry is [string, Variable] => entry[1] instanceof tensorFlow.Variable,
  );
}

async function savedTensor(name: string, tensor: Tensor): Promise<SavedTensor> {
  const values = await tensor.data();
  return {
    name,
    shape: tensor.shape,
    dtype: tensor.dtype as SavedTensor['dtype'],
    values: values.slice() as SavedTensor['values'],
  };
}

function tensorOf(tensorFlow: typeof TensorFlow, { values, shape, dtype }: SavedTensor): Tensor {
  return tensorFlow.tensor(values, [...shape], dtype);
}
