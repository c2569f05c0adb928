import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { env, memory, train, type Optimizer } from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { metricLineSchema, sha256OfBytes, type RunContext } from '@nx-mlops/core';
import type { EncodedSplit } from '../encoding/encoded-split';
import type { Encoder } from '../encoding/encoder';
import { onnxOf } from '../onnx/export-onnx';
import { seedGlobalRandom } from '../random/global-random';
import { seededRandom } from '../random/random';
import { TrainingRun } from '../run/training-run';
import { writeRun, type Row } from '../../test/run-fixture';
import type { FitOptions } from './fit-model';

env().set('IS_TEST', true);
jest.setTimeout(60_000);

const random = seededRandom(1, 'fit-model.spec');
const row = (): Row => {
  const x = random() * 2 - 1;
  return { x, s: random() < 0.5 ? 'u' : 'v', y: x + 0.3 * random() > 0.1 };
};
const rows = Array.from({ length: 300 }, row);
const validation = Array.from({ length: 100 }, row);

interface Started {
  readonly run: TrainingRun;
  readonly encoder: Encoder;
  readonly data: EncodedSplit;
  readonly heldOut: EncodedSplit;
}

/** A run as a new process would open it; a second one of the same context finds the checkpoint. */
async function start(context: RunContext, signal?: AbortSignal): Promise<Started> {
  const run = new TrainingRun(context, signal);
  const encoder = await run.fitEncoder('train');
  return {
    run,
    encoder,
    data: await run.readEncoded('train', encoder),
    heldOut: await run.readEncoded('validation', encoder),
  };
}

async function newContext(): Promise<RunContext> {
  return writeRun(dirSync({ unsafeCleanup: true }).name, {
    columns: [
      { name: 'x', type: 'number' },
      { name: 's', type: 'string' },
      { name: 'y', type: 'boolean' },
    ],
    target: 'y',
    classes: [false, true],
    rows,
    validation,
  });
}

function newModel(encoder: Encoder, optimizer: () => Optimizer = () => train.adam(0.01)): LayersModel {
  const restore = seedGlobalRandom(7);
  try {
    const model = sequential({
      layers: [
        layers.dense({ inputShape: [encoder.width], units: 8, activation: 'relu' }),
        layers.batchNormalization(),
        layers.dropout({ rate: 0.3 }),
        layers.dense({ units: 1, activation: 'sigmoid' }),
      ],
    });
    model.compile({ optimizer: optimizer(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  } finally {
    restore();
  }
}

async function digestOf({ run, encoder }: Started, model: LayersModel): Promise<string> {
  return sha256OfBytes(await onnxOf(run.context, model, encoder));
}

const linesOf = (context: RunContext) => readFileSync(join(context.outputDir, 'metrics.jsonl'), 'utf8');

describe('fitModel', () => {
  test('learns, and logs its way', async () => {
    const context = await newContext();
    const { run, encoder, data, heldOut } = await start(context);
    const result = await run.fit(newModel(encoder), data, { epochs: 20, batchSize: 32, validation: heldOut });
    const lines = linesOf(context)
      .trimEnd()
      .split('\n')
      .map((line) => metricLineSchema.parse(JSON.parse(line)) as Record<string, number>);
    expect(lines.at(-1)).toMatchObject({ step: 200, steps: 200, rows: 6000, val_loss: expect.any(Number) });
    expect(lines.at(-1)?.['val_acc']).toBeGreaterThan(0.85);
    expect(lines.at(-1)?.['loss']).toBeLessThan((lines[0]?.['loss'] as number) / 1.5);
    expect(result.epochs).toBe(20);
    expect(result.best?.loss).toBe(
      Math.min(...lines.flatMap(({ val_loss: loss }) => (loss === undefined ? [] : [loss]))),
    );
  });

  test('gives the same model and the same lines for the same seed, dropout and all', async () => {
    const digests = [];
    const logs = [];
    for (let i = 0; i < 2; i++) {
      const context = await newContext();
      const started = await start(context);
      const model = newModel(started.encoder);
      await started.run.fit(model, started.data, { epochs: 3, batchSize: 32, validation: started.heldOut });
      digests.push(await digestOf(started, model));
      logs.push(linesOf(context));
    }
    expect(digests[1]).toBe(digests[0]);
    expect(logs[1]).toBe(logs[0]);
  });

  test('leaks no tensors', async () => {
    const { run, encoder, data, heldOut } = await start(await newContext());
    const model = newModel(encoder);
    const options: FitOptions = { epochs: 1, batchSize: 32, validation: heldOut, patience: 1 };
    await run.fit(model, data, options);
    const before = memory().numTensors;
    await run.fit(model, data, { ...options, epochs: 3 });
    expect(memory().numTensors).toBe(before);
  });

  const optimizers: [string, () => Optimizer][] = [
    ['Adam', () => train.adam(0.01)],
    ['SGD', () => train.sgd(0.1)],
    ['momentum', () => train.momentum(0.1, 0.9)],
    ['RMSProp', () => train.rmsprop(0.01)],
    ['Adagrad', () => train.adagrad(0.1)],
    ['Adadelta', () => train.adadelta(1)],
  ];
  test.each(optimizers)(
    'gives the same model when it is interrupted and taken up again with %s',
    async (_name, optimizer) => {
      const options = { epochs: 3, batchSize: 32, patience: 2 };
      const wholeContext = await newContext();
      const whole = await start(wholeContext);
      const model = newModel(whole.encoder, optimizer);
      await whole.run.fit(model, whole.data, { ...options, validation: whole.heldOut });

      const context = await newContext();
      // Stopped in the middle of the second epoch, by a signal that comes while a step runs.
      const controller = new AbortController();
      const stopped = await start(context, controller.signal);
      const abandoned = newModel(stopped.encoder, optimizer);
      const trainOnBatch = abandoned.trainOnBatch.bind(abandoned);
      let steps = 0;
      abandoned.trainOnBatch = (...args: Parameters<typeof trainOnBatch>) => {
        if (++steps === 14) controller.abort('SIGINT');
        return trainOnBatch(...args);
      };
      await expect(
        stopped.run.fit(abandoned, stopped.data, { ...options, validation: stopped.heldOut }),
      ).rejects.toThrow('Training was stopped in epoch 2 of 3. A checkpoint is saved;');

      const resumed = await start({ ...context, outputDir: join(dirSync({ unsafeCleanup: true }).name) });
      const model2 = newModel(resumed.encoder, optimizer);
      await resumed.run.fit(model2, resumed.data, { ...options, validation: resumed.heldOut });
      expect(await digestOf(resumed, model2)).toBe(await digestOf(whole, model));
      expect(linesOf(resumed.run.context)).toBe(linesOf(wholeContext));
    },
  );

  test('goes on with the steps when a script fits twice', async () => {
    const context = await newContext();
    const { run, encoder, data } = await start(context);
    const model = newModel(encoder);
    await run.fit(model, data, { epochs: 1, batchSize: 100 });
    await run.fit(model, data, { epochs: 2, batchSize: 100 });
    expect(
      linesOf(context)
        .match(/"step":\d+,"steps":\d+/g)
        ?.at(-1),
    ).toBe('"step":9,"steps":9');
  });

  test('takes up the weights alone where the optimizer cannot give its state', async () => {
    const context = await newContext();
    const options = { epochs: 2, batchSize: 100, checkpointSeconds: 0 };
    for (const expected of [{ epochs: 2 }, { epochs: 2 }]) {
      const { run, encoder, data } = await start(context);
      expect(
        await run.fit(
          newModel(encoder, () => train.adamax(0.01)),
          data,
          options,
        ),
      ).toEqual(expected);
    }
  });

  test('does not take up the checkpoint of another training', async () => {
    const context = await newContext();
    const first = await start(context);
    const options = { epochs: 1, batchSize: 32, checkpointSeconds: 0 };
    await first.run.fit(newModel(first.encoder), first.data, options);
    const second = await start(context);
    const model = newModel(second.encoder);
    await second.run.fit(model, second.data, { ...options, epochs: 2 });
    const whole = await start(await newContext());
    const expected = newModel(whole.encoder);
    await whole.run.fit(expected, whole.data, { ...options, epochs: 2 });
    expect(await digestOf(second, model)).toBe(await digestOf(whole, expected));
  });

  test('ends when the validation loss has not fallen for `patience` epochs, with the best weights', async () => {
    const { run, encoder, data, heldOut } = await start(await newContext());
    const model = newModel(encoder, () => train.sgd(40));
    const result = await run.fit(model, data, {
      epochs: 50,
      batchSize: 32,
      validation: heldOut,
      patience: 2,
    });
    expect(result.epochs).toBe((result.best?.epoch ?? 0) + 2);
    expect(result.epochs).toBeLessThan(50);
    const { xs, ys } = await heldOut.tensors();
    const [loss] = [model.evaluate(xs as never, ys, { batchSize: 100 })].flat();
    expect((await loss?.data())?.[0]).toBeCloseTo(result.best?.loss as number, 5);
  });

  test('says so when training diverges', async () => {
    const { run, encoder, data } = await start(await newContext());
    const model = sequential({ layers: [layers.dense({ inputShape: [encoder.width], units: 1 })] });
    model.compile({ optimizer: train.sgd(1e30), loss: 'meanSquaredError' });
    await expect(run.fit(model, data, { epochs: 50, batchSize: 32 })).rejects.toThrow(
      /Training diverged: the loss is (NaN|Infinity) at step \d+ of epoch 1\. Lower the learning rate;/,
    );
  });
});
