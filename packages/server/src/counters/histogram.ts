/** Counts of values between fixed bounds, as plain JSON. Two snapshots can be subtracted. */
export interface HistogramSnapshot {
  /** Upper bounds, included, ascending. */
  readonly bounds: readonly number[];
  /** One count a bound, not cumulative, and a last one for what is beyond all of them. */
  readonly counts: readonly number[];
  /** Of the finite values. */
  readonly sum: number;
}

/** Counts values between fixed bounds. */
export class Histogram {
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds upper bounds, included, ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** NaN counts as beyond all bounds. */
  add(value: number): void {
    const found = this.bounds.findIndex((bound) => value <= bound);
    const index = found === -1 ? this.bounds.length : found;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    if (Number.isFinite(value)) this.#sum += value;
  }

  snapshot(): HistogramSnapshot {
    return { bounds: this.bounds, counts: [...this.#counts], sum: this.#sum };
  }
}

/** 1, 2 and 5 times each power of ten between two exponents, and the next power. */
export function oneTwoFive(fromExponent: number, toExponent: number): readonly number[] {
  const bounds: number[] = [];
  // Parsed rather than multiplied: 5e-6 and not 0.0000049999999999999996.
  for (let exponent = fromExponent; exponent < toExponent; exponent += 1) {
    for (const factor of [1, 2, 5]) bounds.push(Number(`${factor}e${exponent}`));
  }
  return [...bounds, Number(`1e${toExponent}`)];
}
