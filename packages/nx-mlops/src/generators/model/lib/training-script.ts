import type { TemplateTask } from './propose-columns';

/** What differs between the training scripts of the tasks. */
export interface TrainingScript {
  /** The last layer of the network, as source text. */
  readonly outputLayer: string;
  /** Name of a loss of TensorFlow.js. */
  readonly loss: string;
}

export const trainingScripts: Readonly<Record<TemplateTask, TrainingScript>> = {
  'binary-classification': {
    outputLayer: `layers.dense({ units: 1, activation: 'sigmoid' })`,
    loss: 'binaryCrossentropy',
  },
  'multiclass-classification': {
    outputLayer: `layers.dense({ units: run.classes.length, activation: 'softmax' })`,
    loss: 'sparseCategoricalCrossentropy',
  },
  regression: { outputLayer: `layers.dense({ units: 1 })`, loss: 'meanSquaredError' },
};
