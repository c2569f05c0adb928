import { appendFileSync, writeFileSync } from 'node:fs';
import { MlopsError, type MetricLine } from '@nx-mlops/core';

/**
 * `metrics.jsonl`: what a training reports while it runs. Each line is on disk when `append` returns, so that a reader
 * can follow along and a killed run keeps its curve.
 */
export class MetricLog {
  private text = '';
  private lastStep = 0;

  constructor(private readonly file: string) {}

  /** The last step logged; 0 before the first. */
  get step(): number {
    return this.lastStep;
  }

  /** Everything logged so far. */
  get content(): string {
    return this.text;
  }

  /**
   * @throws MlopsError MLOPS_TRAINING_METRIC for a step that falls or is not a whole number, or a metric that is not a
   *   finite number
   */
  append(line: MetricLine): void {
    checkLine(line, this.lastStep);
    const text = `${JSON.stringify(line)}\n`;
    appendFileSync(this.file, text);
    this.text += text;
    this.lastStep = line.step;
  }

  /** Takes over what an interrupted run had logged. */
  restore(content: string): void {
    writeFileSync(this.file, content);
    this.text = content;
    const last = content.trimEnd().split('\n').at(-1);
    this.lastStep = last === undefined || last === '' ? 0 : (JSON.parse(last) as MetricLine).step;
  }
}

function checkLine(line: MetricLine, lastStep: number): void {
  if (!Number.isInteger(line.step) || line.step < lastStep) {
    throw new MlopsError(
      'MLOPS_TRAINING_METRIC',
      `A metric line has step ${line.step}; steps are whole numbers and never fall (the last was ${lastStep}).`,
    );
  }
  for (const [name, value] of Object.entries(line)) {
    if (value === undefined || Number.isFinite(value)) continue;
    throw new MlopsError(
      'MLOPS_TRAINING_METRIC',
      `The metric "${name}" is ${String(value)} at step ${line.step}, not a finite number. A loss that is NaN or Infinity means that training diverged: lower the learning rate, or scale the features.`,
    );
  }
}
