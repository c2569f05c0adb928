import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MlopsError, messageOf, writeAtomically } from '@nx-mlops/core';
import {
  optimizerState,
  restoreOptimizer,
  restoreWeights,
  weightsOf,
  type SavedTensor,
} from './saved-tensor';

const FILE = 'checkpoint.bin';
const VERSION = 1;

interface Saved<State> {
  readonly version: number;
  readonly weights: readonly SavedTensor[];
  readonly optimizer: readonly SavedTensor[];
  readonly state: State;
}

/**
 * Where an interrupted run left off: the weights, the optimizer's state, and whatever the script wants to remember.
 * One file, replaced whole, so that a kill while saving leaves the one before.
 */
export class Checkpoint {
  private readonly file: string;

  constructor(directory: string) {
    this.file = join(directory, FILE);
  }

  /** @param state anything that `structuredClone` takes, such as `{ epoch: 3 }` */
  async save(model: LayersModel, state: unknown = {}): Promise<void> {
    const saved: Saved<unknown> = {
      version: VERSION,
      weights: await weightsOf(model),
      optimizer: await optimizerState(model),
      state,
    };
    await writeAtomically(this.file, serialize(saved));
  }

  /**
   * Puts weights and optimizer back as they were saved.
   *
   * @param fits says whether the state belongs to what is being trained; when not, nothing is touched
   * @returns the state, or undefined when there is no checkpoint, or none that fits this model
   */
  async restore<State = unknown>(
    model: LayersModel,
    fits: (state: State) => boolean = () => true,
  ): Promise<State | undefined> {
    const saved = await this.read<State>();
    if (saved === undefined || !fits(saved.state) || !fitsModel(model, saved.weights)) return undefined;
    await restoreWeights(model, saved.weights);
    await restoreOptimizer(model, saved.optimizer);
    return saved.state;
  }

  /** Removes it, so that the next run starts afresh. */
  async clear(): Promise<void> {
    await rm(this.file, { force: true });
  }

  private async read<State>(): Promise<Saved<State> | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new MlopsError(
        'MLOPS_TRAINING_CHECKPOINT',
        `The checkpoint cannot be read: ${messageOf(error)}`,
        { file: this.file },
        { cause: error },
      );
    }
    try {
      const saved = deserialize(bytes) as Saved<State>;
      return saved.version === VERSION ? saved : undefined;
    } catch {
      // Written by another version of Node, or damaged: starting afresh costs time only.
      return undefined;
    }
  }
}

function fitsModel(model: LayersModel, weights: readonly SavedTensor[]): boolean {
  const shapes = model.weights.map(({ shape }) => JSON.stringify(shape));
  return (
    shapes.length === weights.length && weights.every(({ shape }, i) => JSON.stringify(shape) === shapes[i])
  );
}
