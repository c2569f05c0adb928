import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MlopsError } from '@nx-mlops/core';
import type { Batch } from './encoded-split';
import type { EncodedBlock, Encoder } from './encoder';

/**
 * Which block of the encoder each input of the model takes, in the order of the inputs: the only block, or the block of
 * the input's name.
 *
 * @throws MlopsError MLOPS_TRAINING_MODEL_INPUT when they do not match
 */
export function blocksOfInputs(model: LayersModel, encoder: Encoder): EncodedBlock[] {
  const [only] = encoder.blocks;
  const blocks =
    encoder.blocks.length === 1 && model.inputs.length === 1 && only !== undefined
      ? [only]
      : model.inputNames.map((name) => encoder.blocks.find((block) => block.name === name));
  if (
    blocks.length !== encoder.blocks.length ||
    new Set(blocks).size !== blocks.length ||
    blocks.includes(undefined)
  ) {
    throw new MlopsError(
      'MLOPS_TRAINING_MODEL_INPUT',
      `The model has the ${count(model.inputNames.length, 'input')} ${model.inputNames.join(', ')}, but the encoder gives ${encoder.blocks.map(({ name, width }) => `${name} [${width}]`).join(', ')}. Give the model one input for each: tf.input({ name: '${only?.name}', shape: [${only?.width}] }).`,
    );
  }
  const matched = blocks as EncodedBlock[];
  matched.forEach((block, index) =>
    checkWidth(block, model.inputs[index]?.shape ?? [], model.inputNames[index]),
  );
  return matched;
}

function checkWidth(block: EncodedBlock, shape: readonly (number | null)[], input: string | undefined): void {
  // An Embedding that stands first leaves the length of its input open.
  if (shape.length === 2 && (shape[1] === null || shape[1] === block.width)) return;
  throw new MlopsError(
    'MLOPS_TRAINING_MODEL_INPUT',
    `The input "${input}" of the model has the shape [${shape.slice(1).join(', ')}], but the encoder gives "${block.name}" the width ${block.width}. Build the first layer with inputShape: [${block.width}].`,
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** The tensors of a batch in the order of the model's inputs. */
export function inputsOf(batch: Batch, blocks: readonly EncodedBlock[]): Tensor[] {
  const { xs } = batch;
  if (blocks.length === 1) return [xs as Tensor];
  return blocks.map(({ name }) => (xs as Record<string, Tensor>)[name] as Tensor);
}
