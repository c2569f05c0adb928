import { MlopsError } from '@nx-mlops/core';
import type { ProcessEnd } from './run-process';
import type { OutputLine } from './output-lines';

/** Lines of output that an error repeats. */
const repeatedLines = 20;

/** Keeps the last lines of output for the error, progress bars left out. */
export class OutputTail {
  readonly #lines: string[] = [];

  push({ text, transient }: OutputLine): void {
    if (transient || text.trim() === '') return;
    this.#lines.push(text);
    if (this.#lines.length > repeatedLines) this.#lines.shift();
  }

  /** The lines below a heading, or a sentence that there were none. */
  toString(): string {
    if (this.#lines.length === 0) return ' It printed nothing.';
    return ` Its last lines:\n${this.#lines.map((line) => `  | ${line}`).join('\n')}`;
  }
}

/** The error for a training that did not end well; undefined for exit code 0. */
export function trainingFailure(
  end: ProcessEnd,
  training: {
    readonly model: string;
    readonly shown: string;
    readonly timeoutMinutes?: number;
    readonly tail: OutputTail;
  },
): MlopsError | undefined {
  const { model, shown, tail } = training;
  const failed = (what: string) =>
    new MlopsError('MLOPS_TRAINING_FAILED', `The training of "${model}" (${shown}) ${what}`);
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? undefined : failed(`ended with exit code ${end.code}.${tail}`);
    case 'killed':
      return failed(
        `was killed by ${end.signal}${end.signal === 'SIGKILL' ? ', often because memory ran out' : ''}.${tail}`,
      );
    case 'timed-out':
      return failed(
        `was stopped after ${training.timeoutMinutes} minutes, as training.timeoutMinutes says. Its checkpoints are kept for the next attempt.${tail}`,
      );
    case 'not-started':
      return failed(
        end.code === 'ENOENT'
          ? 'could not be started: there is no such program on PATH. Install it, or correct training.command.'
          : end.code === 'EACCES'
            ? 'could not be started: the file is not executable. Set its executable bit, or name the interpreter in training.command.'
            : `could not be started: ${end.message}`,
      );
  }
}
