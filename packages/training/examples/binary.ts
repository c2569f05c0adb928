import '@tensorflow/tfjs-backend-wasm';
import { train as optimizers } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { runTraining } from '@nx-mlops/training';

runTraining(async (run) => {
  // Set any of these under "training.params" in model.config.json.
  const params = run.params({
    epochs: 3,
    batchSize: 256,
    learningRate: 0.002,
    hiddenUnits: 32,
    maxCategories: 50,
    maxRows: 200_000,
  });

  // Learns means, deviations and categories from all rows; the exported model carries them.
  const encoder = await run.fitEncoder('train', { maxCategories: params.maxCategories });
  const data = await run.readEncoded('train', encoder, { maxRows: params.maxRows });
  const validation = run.hasSplit('validation')
    ? await run.readEncoded('validation', encoder, { maxRows: params.maxRows })
    : undefined;
  console.log(`${data.rows} rows, ${encoder.width} columns once encoded.`);

  const model = sequential({
    layers: [
      layers.dense({ inputShape: [encoder.width], units: params.hiddenUnits, activation: 'relu' }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({ optimizer: optimizers.adam(params.learningRate), loss: 'binaryCrossentropy' });

  await run.fit(model, data, {
    epochs: params.epochs,
    batchSize: params.batchSize,
    // With a validation split, training ends when two epochs bring nothing, and the best weights are kept.
    validation,
    patience: 2,
  });
  await run.exportOnnx(model, encoder);
});
