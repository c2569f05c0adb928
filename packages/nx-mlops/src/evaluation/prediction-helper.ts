import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { MlopsError, type FloatArray } from '@nx-mlops/core';
import type { CodedText, ColumnValues, LoadedModel, TextDictionaries } from '@nx-mlops/runtime';
import type { CodedBatch } from '../data/split-file';
import {
  errorOf,
  type PredictionAnswer,
  type PredictionModel,
  type PredictionTask,
} from './prediction-messages';

interface Waiting {
  readonly resolve: (scores: FloatArray) => void;
  readonly reject: (error: unknown) => void;
}

/** A process that predicts with a model of its own, one batch after the other. */
export class PredictionHelper {
  readonly #manifest: LoadedModel['manifest'];
  readonly #onChange: () => void;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #dictionaries: TextDictionaries = {};
  #isReady = false;
  #failure: Error | undefined;
  #nextId = 0;

  /** @param onChange called when it is ready, has answered or has failed */
  constructor(manifest: LoadedModel['manifest'], onChange: () => void) {
    this.#manifest = manifest;
    this.#onChange = onChange;
    // Tests run the sources, which a process cannot load by itself.
    const extension = extname(__filename);
    this.#process = fork(join(__dirname, `prediction-process${extension}`), {
      execArgv: extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // A group of its own: Ctrl-C is ours to answer. On Windows it would get a window of its own as well.
      detached: process.platform !== 'win32',
    });
    this.#ended = once(this.#process, 'exit').catch(() => undefined);
    this.#process.on('message', (answer: PredictionAnswer) => this.#take(answer));
    this.#process.on('error', ({ message }) => this.#fail(this.#endedBecause(message)));
    this.#process.on('exit', (code, signal) => this.#fail(this.#endedBecause(signal ?? `code ${code}`)));
  }

  /** Says which model it is: once, before the first batch. */
  load(file: string, dictionaries: TextDictionaries): void {
    this.#dictionaries = dictionaries;
    this.#send({ file, manifest: this.#manifest, dictionaries });
  }

  /** Its model is loaded. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Batches that it has not answered. */
  get underWay(): number {
    return this.#waiting.size;
  }

  /** Why it never answers any more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** @throws MlopsError what `LoadedModel.predict` throws; MLOPS_PREDICTION_FAILED when it ended by itself */
  predict({ rows, columns, texts }: CodedBatch): Promise<FloatArray> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const sent: Record<string, ColumnValues> = {};
    const codes: Record<string, Pick<CodedText, 'codes'>> = {};
    for (const { name } of this.#manifest.features) {
      const text = Object.hasOwn(this.#dictionaries, name) ? texts[name] : undefined;
      const values = text === undefined ? columns[name] : undefined;
      if (text !== undefined) codes[name] = { codes: text.codes };
      else if (values !== undefined) sent[name] = values;
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, rows, columns: sent, texts: codes });
    });
  }

  /** Ends it, whatever it is at. */
  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #send(message: PredictionModel | PredictionTask): void {
    this.#process.send(message, (error) => {
      if (error !== null) this.#fail(this.#endedBecause(error.message));
    });
  }

  #take(answer: PredictionAnswer): void {
    if ('model' in answer) {
      this.#isReady = answer.model === 'loaded';
      if (answer.model !== 'loaded') this.#fail(errorOf(answer.model));
    } else {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('scores' in answer) waiting?.resolve(answer.scores);
      else waiting?.reject(errorOf(answer.failure));
    }
    this.#onChange();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    this.#onChange();
  }

  #endedBecause(why: string): MlopsError {
    return new MlopsError(
      'MLOPS_PREDICTION_FAILED',
      `The process that predicts with "${this.#manifest.model}" beside this one ended by itself (${why}). Perhaps the machine ran out of memory: run it again with less going on beside it.`,
    );
  }
}
