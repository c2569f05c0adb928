import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError, messageOf, type ModelManifest } from '@nx-mlops/core';
import {
  BatchEncoder,
  datatypeOf,
  readScores,
  type ColumnBatch,
  type LoadedModel,
  type Tensor,
} from '@nx-mlops/runtime';
import { z } from 'zod';

const answerSchema = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().min(0)),
      // JSON has no word for NaN.
      data: z.array(z.union([z.number(), z.null()])),
    }),
  ),
});

/** An answer takes no longer than this. ms */
const PATIENCE = 30_000;

/** A version on a server that speaks the Open Inference Protocol v2, asked as if it were loaded here. */
export class ServedModel implements Pick<LoadedModel, 'manifest' | 'predict'> {
  readonly #place: string;

  /**
   * @param url of the server, such as `http://localhost:8080`
   * @param model its name in the registry
   */
  constructor(
    private readonly url: string,
    private readonly model: string,
    private readonly version: number,
    readonly manifest: ModelManifest,
    private readonly signal: AbortSignal,
  ) {
    this.#place = `v2/models/${encodeURIComponent(model)}/versions/${version}`;
  }

  /**
   * Waits until the server has loaded the version: it follows the registry by itself.
   *
   * @throws MlopsError MLOPS_TARGET_FAILED
   */
  async whenReady({ timeout, pause }: { readonly timeout: number; readonly pause: number }): Promise<void> {
    const until = performance.now() + timeout;
    for (;;) {
      const said = await this.#ready();
      if (said === undefined) return;
      if (performance.now() >= until) {
        throw new MlopsError(
          'MLOPS_TARGET_FAILED',
          `${this.url} has not loaded version ${this.version} of "${this.model}" after ${Math.round(timeout / 1000)} s: ${said}. Its log says why.`,
        );
      }
      await sleep(pause, undefined, { signal: this.signal });
    }
  }

  /** @throws MlopsError MLOPS_TARGET_FAILED; as `LoadedModel.predict` */
  async predict(batch: ColumnBatch): Promise<Float32Array | Float64Array> {
    const { scoreOutput } = this.manifest;
    const { feeds, done } = new BatchEncoder(this.manifest).encode(batch);
    const body = JSON.stringify({
      inputs: Object.entries(feeds).map(([name, tensor]) => requestTensor(name, tensor)),
      outputs: [{ name: scoreOutput }],
    });
    done();
    const response = await this.#ask('infer', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw this.#failed(`answers ${response.status}: ${text.slice(0, 300)}`);
    const output = answered(text)?.outputs.find(({ name }) => name === scoreOutput);
    if (output === undefined) throw this.#failed(`answers without "${scoreOutput}": ${text.slice(0, 300)}`);
    const values = output.data.map((value) => value ?? Number.NaN);
    const tensor: Tensor =
      output.datatype === 'FP64'
        ? { type: 'float64', dims: output.shape, data: Float64Array.from(values) }
        : { type: 'float32', dims: output.shape, data: Float32Array.from(values) };
    return readScores(this.manifest, tensor, batch.rows);
  }

  /** Undefined when it is ready, else what is the matter. */
  async #ready(): Promise<string | undefined> {
    try {
      const { ok, status } = await this.#ask('ready', {});
      return ok ? undefined : `it answers ${status}`;
    } catch (error) {
      this.signal.throwIfAborted();
      return messageOf(error);
    }
  }

  async #ask(what: string, init: RequestInit): Promise<Response> {
    const base = this.url.endsWith('/') ? this.url : `${this.url}/`;
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(PATIENCE)]);
    try {
      return await fetch(new URL(`${this.#place}/${what}`, base), { ...init, signal });
    } catch (error) {
      this.signal.throwIfAborted();
      throw this.#failed(`does not answer (${messageOf(error)})`, error);
    }
  }

  #failed(what: string, cause?: unknown): MlopsError {
    return new MlopsError(
      'MLOPS_TARGET_FAILED',
      `${this.url} ${what.replace(/\.$/, '')}.`,
      {},
      cause === undefined ? {} : { cause },
    );
  }
}

function requestTensor(name: string, { type, dims, data }: Tensor) {
  if (type === 'float16') {
    throw new MlopsError('MLOPS_TARGET_FAILED', `its input "${name}" is FP16, which JSON cannot carry.`);
  }
  return {
    name,
    datatype: datatypeOf(type),
    shape: dims,
    data: Array.from(data as Iterable<unknown>, jsonElement),
  };
}

/** JSON has null for NaN, and whole numbers of 64 bits as far as they are exact. */
function jsonElement(element: unknown): unknown {
  if (typeof element === 'bigint') return Number(element);
  return typeof element === 'number' && Number.isNaN(element) ? null : element;
}

function answered(text: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
