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
