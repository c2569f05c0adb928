import '@tensorflow/tfjs-backend-cpu';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { env, train } from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { Checkpoint } from './checkpoint';

env().set('IS_TEST', true);

const newDirectory = () => dirSync({ unsafeCleanup: true }).name;

function newModel(units = 2): LayersModel {
  const model = sequential({ layers: [layers.dense({ inputShape: [3], units })] });
  model.compile({ optimizer: train.adam(), loss: 'meanSquaredError' });
  return model;
}
const weightsOf = (model: LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

describe('Checkpoint', () => {
  test('gives back weights and state', async () => {
    const directory = newDirectory();
    const model = newModel();
    await new Checkpoint(directory).save(model, { epoch: 3 });
    const other = newModel();
    expect(await new Checkpoint(directory).restore(other)).toEqual({ epoch: 3 });
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  test('saves a model that was not compiled, into a folder that is not there yet', async () => {
    const checkpoint = new Checkpoint(join(newDirectory(), 'deep', 'er'));
    const model = sequential({ layers: [layers.dense({ inputShape: [1], units: 1 })] });
    await checkpoint.save(model);
    expect(await checkpoint.restore(model)).toEqual({});
  });

  test('has nothing to give before anything is saved, and after it is cleared', async () => {
    const checkpoint = new Checkpoint(newDirectory());
    expect(await checkpoint.restore(newModel())).toBeUndefined();
    await checkpoint.save(newModel());
    await checkpoint.clear();
    expect(await checkpoint.restore(newModel())).toBeUndefined();
  });

  test('replaces the one before, leaving no other file', async () => {
    const directory = newDirectory();
    const checkpoint = new Checkpoint(directory);
    await checkpoint.save(newModel(), { epoch: 1 });
    await checkpoint.save(newModel(), { epoch: 2 });
    expect(await checkpoint.restore(newModel())).toEqual({ epoch: 2 });
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test('touches nothing when it is of another model, or of another state than asked for', async () => {
    const checkpoint = new Checkpoint(newDirectory());
    await checkpoint.save(newModel(2), { epoch: 1 });
    for (const [model, fits] of [
      [newModel(4), () => true],
      [newModel(2), ({ epoch }: { epoch: number }) => epoch === 9],
    ] as const) {
      const before = weightsOf(model);
      expect(await checkpoint.restore(model, fits)).toBeUndefined();
      expect(weightsOf(model)).toEqual(before);
    }
  });

  test('starts afresh from a damaged file', async () => {
    const directory = newDirectory();
    const checkpoint = new Checkpoint(directory);
    await checkpoint.save(newModel());
    const [file] = readdirSync(directory) as [string];
    writeFileSync(join(directory, file), 'half a che');
    expect(await checkpoint.restore(newModel())).toBeUndefined();
  });
});
