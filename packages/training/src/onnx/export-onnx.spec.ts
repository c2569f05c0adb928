import '@tensorflow/tfjs-backend-cpu';
import { env, train } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { dirSync } from 'tmp';
import { readFileSync } from 'node:fs';
import { TrainingRun } from '../run/training-run';
import { writeRun } from '../../test/run-fixture';
import { predict } from '../../test/predict';

env().set('IS_TEST', true);

describe('exportOnnx', () => {
  test('smoke', async () => {
    const directory = dirSync({ unsafeCleanup: true }).name;
    const rows = Array.from({ length: 200 }, (_, i) => ({
      a: i % 7 === 0 ? null : i / 10,
      s: ['x', 'y', 'z', null][i % 4] as string | null,
      n: i % 5,
      late: i % 4 === 0,
    }));
    const context = await writeRun(directory, {
      columns: [
        { name: 'a', type: 'number' },
        { name: 's', type: 'string' },
        { name: 'n', type: 'integer' },
        { name: 'late', type: 'boolean' },
      ],
      target: 'late',
      classes: [false, true],
      rows,
    });
    const run = new TrainingRun(context);
    const encoder = await run.fitEncoder('train', { features: { n: { encoding: 'one-hot', maxCategories: 3 } } });
    console.log(encoder.featureNames, JSON.stringify(encoder.features));
    const data = await run.readEncoded('train', encoder);
    const model = sequential();
    model.add(layers.dense({ inputShape: [encoder.width], units: 8, activation: 'relu' }));
    model.add(layers.dense({ units: 1, activation: 'sigmoid' }));
    model.compile({ optimizer: train.adam(0.01), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    console.log(await run.fit(model, data, { epochs: 5, batchSize: 32, validation: data, patience: 2 }));
    const { file } = await run.exportOnnx(model, encoder);
    const scores = await predict(readFileSync(file), encoder, rows);
    const { xs } = await data.tensors();
    const expected = (model.predict(xs as never) as import('@tensorflow/tfjs-core').Tensor).dataSync();
    let worst = 0;
    scores.forEach((score, i) => (worst = Math.max(worst, Math.abs(score - (expected[i] as number)))));
    console.log(worst, readFileSync(context.outputDir + '/metrics.jsonl', 'utf8'));
    expect(worst).toBeLessThan(1e-5);
  });
});
