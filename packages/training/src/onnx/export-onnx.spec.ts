import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { dirSync } from 'tmp';
import { env, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model as functional,
  sequential,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { InferenceSession } from 'onnxruntime-node';
import { sha256OfBytes, type Task } from '@nx-mlops/core';
import { Encoder } from '../encoding/encoder';
import type { CategoryEncoding, NumberEncoding } from '../encoding/encoding';
import { blocksOfInputs } from '../encoding/model-inputs';
import { predict } from '../../test/predict';
import { columnsOf, encodersWithRows } from '../../test/random-encoder';
import { buildModel, modelPlans, stepNames, type ModelPlan } from '../../test/random-model';
import type { Row } from '../../test/run-fixture';
import { activationNames } from './activation-nodes';
import { exportOnnx, onnxOf } from './export-onnx';

env().set('IS_TEST', true);

const CLASSES = 3;
const tasks: Record<ModelPlan['output'], Task> = {
  sigmoid: 'binary-classification',
  softmax: 'multiclass-classification',
  linear: 'regression',
};

function contextOf(output: ModelPlan['output']) {
  return { task: tasks[output], classes: output === 'softmax' ? ['a', 'b', 'c'] : [false, true] };
}

const distance: NumberEncoding = {
  kind: 'number',
  feature: 'distance',
  type: 'integer',
  offset: 700,
  scale: Math.fround(1 / 570),
  fill: 0,
  indicator: true,
};
const origin: CategoryEncoding = {
  kind: 'category',
  feature: 'origin',
  type: 'string',
  encoding: 'one-hot',
  keys: ['ATL', 'ORD', ''],
  other: false,
};

/** What TensorFlow.js predicts for raw rows, in units of the target. */
function expectedScores(model: LayersModel, encoder: Encoder, rows: readonly Row[]): number[] {
  const indices = Uint32Array.from(rows, (_, row) => row);
  const matrices = encoder.encode(columnsOf(encoder, rows), indices);
  const tensors = blocksOfInputs(model, encoder).map((block) =>
    tensor2d(matrices[encoder.blocks.indexOf(block)] as Float32Array, [rows.length, block.width]),
  );
  const scores = model.predict(tensors) as Tensor;
  const { offset, scale } = encoder.target;
  const isScaled =
    scores.shape[1] === 1 && model.outputs[0]?.sourceLayer.getConfig()['activation'] === 'linear';
  return Array.from(scores.dataSync(), (score) => (isScaled ? score / scale + offset : score));
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] as number) - value);
    if (!(difference <= 1e-5 * Math.max(1, Math.abs(value)))) {
      throw new Error(`score ${i}: ONNX Runtime says ${actual[i]}, TensorFlow.js ${value}`);
    }
  });
}

async function expectSamePredictions(
  { encoder, rows }: { encoder: Encoder; rows: readonly Row[] },
  plan: ModelPlan,
): Promise<void> {
  // Only a regression has a scaled target.
  const used = plan.output === 'linear' ? encoder : new Encoder(encoder.features);
  const model = buildModel(used, plan, CLASSES);
  try {
    const onnx = await onnxOf(contextOf(plan.output), model, used);
    expectClose(await predict(onnx, used, rows), expectedScores(model, used, rows));
  } finally {
    model.dispose();
  }
}

describe('onnxOf', () => {
  test('predicts in ONNX Runtime what TensorFlow.js predicts, for any model, encoder and rows', async () => {
    await fc.assert(fc.asyncProperty(encodersWithRows, modelPlans, expectSamePredictions), { numRuns: 120 });
  });

  const scenario = {
    encoder: new Encoder([distance, origin]),
    rows: [
      { distance: 21, origin: 'ATL' },
      { distance: 4962, origin: 'ORD' },
      { distance: null, origin: null },
      { distance: 700, origin: 'nowhere' },
    ],
  };
  test.each(stepNames)('keeps the predictions of a model with the step %s', async (name) => {
    await expectSamePredictions(scenario, {
      steps: [{ name, activation: 'relu' }],
      units: 4,
      output: 'linear',
      seed: 3,
    });
  });
  test.each(activationNames)(
    'keeps the predictions of a model with the activation %s',
    async (activation) => {
      const plan = { units: 6, output: 'linear', seed: 5 } as const;
      await expectSamePredictions(scenario, { ...plan, steps: [{ name: 'dense', activation }] });
      await expectSamePredictions(scenario, { ...plan, steps: [{ name: 'activation', activation }] });
    },
  );

  test('takes one input a feature, by name, and gives scores a row', async () => {
    const encoder = new Encoder([distance, origin]);
    const onnx = await onnxOf(contextOf('sigmoid'), tinyModel(encoder, 'sigmoid'), encoder);
    const { inputMetadata, outputMetadata } = await InferenceSession.create(onnx);
    expect(inputMetadata).toMatchObject([
      { name: 'distance', type: 'float32', shape: ['N', 1] },
      { name: 'origin', type: 'string', shape: ['N', 1] },
    ]);
    expect(outputMetadata).toMatchObject([{ name: 'scores', type: 'float32', shape: ['N'] }]);
  });

  test('gives a multiclass classification a column a class', async () => {
    const encoder = new Encoder([distance]);
    const onnx = await onnxOf(contextOf('softmax'), tinyModel(encoder, 'softmax', 3), encoder);
    const { outputMetadata } = await InferenceSession.create(onnx);
    expect(outputMetadata).toMatchObject([{ name: 'scores', shape: ['N', 3] }]);
  });

  test('copes with features that are called what its own nodes are', async () => {
    const names = ['Concat_0', 'constant_0', 'MatMul_9', 'features', 'rows [m³]'];
    const encoder = new Encoder(
      names.map((feature, i) =>
        i < 3 ? { ...distance, feature } : { ...origin, feature, encoding: 'index' },
      ),
    );
    const plan: ModelPlan = { steps: [], units: 2, output: 'sigmoid', seed: 1 };
    const row = { Concat_0: 1, constant_0: 2, MatMul_9: null, features: 'ORD', 'rows [m³]': 'ATL' };
    await expectSamePredictions({ encoder, rows: [row] }, plan);
  });

  test('refuses a feature that is called what its output is', async () => {
    const encoder = new Encoder([{ ...distance, feature: 'scores' }]);
    await expect(onnxOf(contextOf('sigmoid'), tinyModel(encoder, 'sigmoid'), encoder)).rejects.toThrow(
      'A feature is called "scores"',
    );
  });

  test('predicts no rows for no rows', async () => {
    const encoder = new Encoder([distance, origin]);
    const onnx = await onnxOf(contextOf('sigmoid'), tinyModel(encoder, 'sigmoid'), encoder);
    expect(await predict(onnx, encoder, [])).toHaveLength(0);
  });

  test('gives finite scores for missing, infinite and unknown values', async () => {
    const onnx = await onnxOf(contextOf('sigmoid'), tinyModel(scenario.encoder, 'sigmoid'), scenario.encoder);
    const scores = await predict(onnx, scenario.encoder, [
      { distance: null, origin: null },
      { distance: Infinity, origin: 'nowhere' },
    ]);
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
  });

  test('turns logits into probabilities when asked to', async () => {
    const encoder = new Encoder([distance]);
    const model = tinyModel(encoder, 'linear');
    const [logit] = expectedScores(model, encoder, [{ distance: 900 }]) as [number];
    const onnx = await onnxOf(contextOf('sigmoid'), model, encoder, { logits: true });
    expectClose(await predict(onnx, encoder, [{ distance: 900 }]), [1 / (1 + Math.exp(-logit))]);
  });

  test('gives the same bytes for the same weights, whatever the layers are called', async () => {
    const encoder = new Encoder([distance, origin]);
    const plan: ModelPlan = {
      steps: stepNames.map((name) => ({ name, activation: 'relu' })),
      units: 4,
      output: 'sigmoid',
      seed: 11,
    };
    const [first, second, other] = await Promise.all(
      [plan, plan, { ...plan, seed: 12 }].map(async (each) =>
        sha256OfBytes(await onnxOf(contextOf('sigmoid'), buildModel(encoder, each, 1), encoder)),
      ),
    );
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  test.each<[string, () => LayersModel, string]>([
    [
      'a layer that it does not know',
      () => {
        const x = input({ shape: [2] });
        const y = layers.repeatVector({ n: 2, name: 'again' }).apply(x) as SymbolicTensor;
        return ending(x, layers.flatten().apply(y) as SymbolicTensor);
      },
      'The layer "again" is a RepeatVector, which the ONNX export does not know. It knows Dense,',
    ],
    [
      'an Embedding that masks',
      () => {
        const x = input({ shape: [2] });
        const y = layers.embedding({ inputDim: 4, outputDim: 1, maskZero: true }).apply(x) as SymbolicTensor;
        return ending(x, layers.flatten().apply(y) as SymbolicTensor);
      },
      'is a Embedding with maskZero, which',
    ],
    [
      'probabilities that are none',
      () => {
        const x = input({ shape: [2] });
        return functional({
          inputs: x,
          outputs: layers.dense({ units: 1, name: 'raw' }).apply(x) as SymbolicTensor,
        });
      },
      'The last layer "raw" is linear, so its scores are no probabilities. Give it activation: \'sigmoid\'',
    ],
    [
      'an output of the wrong width',
      () => {
        const x = input({ shape: [2] });
        return functional({ inputs: x, outputs: layers.dense({ units: 3 }).apply(x) as SymbolicTensor });
      },
      'The model ends in the shape [rows, 3], but a binary-classification needs one output of the shape [rows, 1].',
    ],
    [
      'an input of the wrong width',
      () => {
        const x = input({ shape: [5], name: 'wide' });
        return ending(x, x);
      },
      'The input "wide" of the model has the shape [5], but the encoder gives "features" the width 2.',
    ],
  ])('refuses %s', async (_what, build, message) => {
    const encoder = new Encoder([distance]);
    await expect(onnxOf(contextOf('sigmoid'), build(), encoder)).rejects.toThrow(message);
  });

  test('refuses a model that has no input for a feature encoded as an index', async () => {
    const encoder = new Encoder([distance, { ...origin, encoding: 'index' }]);
    const x = input({ shape: [2], name: 'numbers' });
    await expect(onnxOf(contextOf('sigmoid'), ending(x, x), encoder)).rejects.toThrow(
      'The model has the 1 input numbers, but the encoder gives features [2], origin [1].',
    );
  });
});

describe('exportOnnx', () => {
  test('leaves the model in the output folder', async () => {
    const outputDir = dirSync({ unsafeCleanup: true }).name;
    const encoder = new Encoder([distance]);
    const model = tinyModel(encoder, 'sigmoid');
    const exported = await exportOnnx({ ...contextOf('sigmoid'), outputDir }, model, encoder);
    const bytes = readFileSync(exported.file);
    expect(exported).toMatchObject({ size: bytes.length, sha256: sha256OfBytes(bytes) });
    expect(exported.file.endsWith('model.onnx')).toBe(true);
  });

  test('leaves nothing when the model cannot be exported', async () => {
    const outputDir = dirSync({ unsafeCleanup: true }).name;
    const encoder = new Encoder([distance]);
    const model = tinyModel(encoder, 'linear');
    await expect(exportOnnx({ ...contextOf('sigmoid'), outputDir }, model, encoder)).rejects.toThrow();
    expect(() => readFileSync(`${outputDir}/model.onnx`)).toThrow('ENOENT');
  });
});

function tinyModel(encoder: Encoder, activation: ModelPlan['output'], units = 1): LayersModel {
  return sequential({ layers: [layers.dense({ inputShape: [encoder.width], units, activation })] });
}

function ending(x: SymbolicTensor, last: SymbolicTensor): LayersModel {
  const outputs = layers.dense({ units: 1, activation: 'sigmoid' }).apply(last) as SymbolicTensor;
  return functional({ inputs: x, outputs });
}
