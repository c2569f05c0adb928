import fc from 'fast-check';
import {
  input,
  layers,
  model as functional,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { tensor } from '@tensorflow/tfjs-core';
import type { Encoder } from '../src/encoding/encoder';
import { activationNames } from '../src/onnx/activation-nodes';
import { seededRandom } from '../src/random/random';

/** A layer between the first and the last of a random model, named by what it does. */
const steps = {
  dense: (x: SymbolicTensor, activation: string) =>
    layers.dense({ units: 5, activation: activation as 'relu' }).apply(x),
  denseWithoutBias: (x: SymbolicTensor) => layers.dense({ units: 4, useBias: false }).apply(x),
  activation: (x: SymbolicTensor, activation: string) =>
    layers.activation({ activation: activation as 'relu' }).apply(x),
  relu: (x: SymbolicTensor) => layers.reLU().apply(x),
  reluWithMaximum: (x: SymbolicTensor) => layers.reLU({ maxValue: 1.5 }).apply(x),
  leakyRelu: (x: SymbolicTensor) => layers.leakyReLU({ alpha: 0.2 }).apply(x),
  prelu: (x: SymbolicTensor) => layers.prelu().apply(x),
  elu: (x: SymbolicTensor) => layers.elu().apply(x),
  thresholdedRelu: (x: SymbolicTensor) => layers.thresholdedReLU({ theta: 0.37 }).apply(x),
  softmax: (x: SymbolicTensor) => layers.softmax({ axis: -1 }).apply(x),
  dropout: (x: SymbolicTensor) => layers.dropout({ rate: 0.5 }).apply(x),
  gaussianNoise: (x: SymbolicTensor) => layers.gaussianNoise({ stddev: 1 }).apply(x),
  batchNormalization: (x: SymbolicTensor) => layers.batchNormalization().apply(x),
  batchNormalizationPlain: (x: SymbolicTensor) =>
    layers.batchNormalization({ center: false, scale: false }).apply(x),
  layerNormalization: (x: SymbolicTensor) => layers.layerNormalization().apply(x),
  layerNormalizationPlain: (x: SymbolicTensor) =>
    layers.layerNormalization({ center: false, scale: false }).apply(x),
  rescaling: (x: SymbolicTensor) => layers.rescaling({ scale: 0.5, offset: -0.25 }).apply(x),
  reshapeAndFlatten: (x: SymbolicTensor) =>
    layers
      .flatten()
      .apply(layers.reshape({ targetShape: [1, x.shape[1] as number] }).apply(x) as SymbolicTensor),
  add: branches((parts) => layers.add().apply(parts)),
  multiply: branches((parts) => layers.multiply().apply(parts)),
  average: branches((parts) => layers.average().apply(parts)),
  maximum: branches((parts) => layers.maximum().apply(parts)),
  minimum: branches((parts) => layers.minimum().apply(parts)),
  concatenate: branches((parts) => layers.concatenate().apply(parts)),
  nestedModel: (x: SymbolicTensor) => {
    const inner = input({ shape: [x.shape[1] as number] });
    const output = layers.dense({ units: 3, activation: 'tanh' }).apply(inner) as SymbolicTensor;
    return functional({ inputs: inner, outputs: output }).apply(x);
  },
} as const;

function branches(join: (parts: SymbolicTensor[]) => unknown) {
  return (x: SymbolicTensor, activation: string) =>
    join([
      layers.dense({ units: 4, activation: activation as 'relu' }).apply(x) as SymbolicTensor,
      layers.dense({ units: 4 }).apply(x) as SymbolicTensor,
      layers.dense({ units: 4, activation: 'sigmoid' }).apply(x) as SymbolicTensor,
    ]);
}

export type StepName = keyof typeof steps;
export const stepNames = Object.keys(steps) as StepName[];

export interface ModelPlan {
  readonly steps: readonly { readonly name: StepName; readonly activation: string }[];
  readonly units: number;
  readonly output: 'sigmoid' | 'softmax' | 'linear';
  readonly seed: number;
}

export const modelPlans: fc.Arbitrary<ModelPlan> = fc.record({
  steps: fc.array(
    fc.record({ name: fc.constantFrom(...stepNames), activation: fc.constantFrom(...activationNames) }),
    { maxLength: 4 },
  ),
  units: fc.integer({ min: 1, max: 12 }),
  output: fc.constantFrom('sigmoid', 'softmax', 'linear'),
  seed: fc.nat(),
});

/** A functional model with an input a block; indices go through an Embedding. */
export function buildModel(encoder: Encoder, plan: ModelPlan, classes: number): LayersModel {
  const inputs = encoder.blocks.map(({ name, width }) => input({ name, shape: [width] }));
  const parts = encoder.blocks.map(({ feature }, block) => {
    const source = inputs[block] as SymbolicTensor;
    if (feature === undefined) return source;
    const embedding = layers.embedding({
      inputDim: encoder.categories(feature),
      outputDim: 3,
      inputLength: 1,
    });
    return layers.flatten().apply(embedding.apply(source) as SymbolicTensor) as SymbolicTensor;
  });
  const joined = parts.length === 1 ? parts[0] : (layers.concatenate().apply(parts) as SymbolicTensor);
  let x = layers
    .dense({ units: plan.units, activation: 'tanh' })
    .apply(joined as SymbolicTensor) as SymbolicTensor;
  for (const { name, activation } of plan.steps) x = steps[name](x, activation) as SymbolicTensor;
  const units = plan.output === 'softmax' ? classes : 1;
  const outputs = layers.dense({ units, activation: plan.output }).apply(x) as SymbolicTensor;
  const model = functional({ inputs, outputs });
  randomizeWeights(model, plan.seed);
  return model;
}

/** Every weight at random, biases and moving statistics too, of a size that training would give them. */
function randomizeWeights(model: LayersModel, seed: number): void {
  const random = seededRandom(seed);
  const values = model.weights.map(({ shape, name }) => {
    const size = (shape as number[]).reduce((product, length) => product * length, 1);
    const limit = Math.sqrt(6 / ((shape[0] ?? 1) + (shape[1] ?? 1)));
    const [from, to] = name.includes('variance') ? [0.3, 2] : [-limit, limit];
    return tensor(
      Float32Array.from({ length: size }, () => from + (to - from) * random()),
      shape as number[],
    );
  });
  model.setWeights(values);
}
