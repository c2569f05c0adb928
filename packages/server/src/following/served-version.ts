import type { LoadedModel } from '@nx-mlops/runtime';
import { VersionCounters } from '../counters/version-counters';

/** A version in memory. Requests borrow it; once retired it is freed when the last of them is done. */
export class ServedVersion {
  readonly counters = new VersionCounters();
  #borrowed = 0;
  #returned: (() => void) | undefined;

  /** @param threshold binary classification: a score at or above it counts as positive */
  constructor(
    readonly version: number,
    readonly digest: string,
    readonly model: LoadedModel,
    readonly threshold = 0.5,
  ) {}

  /** Keeps the model in memory while `use` runs. */
  async borrow<Result>(use: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    this.#borrowed += 1;
    try {
      return await use(this.model);
    } finally {
      this.#borrowed -= 1;
      if (this.#borrowed === 0) this.#returned?.();
    }
  }

  /** Waits for the requests that still use it, then frees the session. Nothing may borrow it from now on. */
  async retire(): Promise<void> {
    if (this.#borrowed > 0) await new Promise<void>((resolve) => (this.#returned = resolve));
    await this.model.release();
  }
}
