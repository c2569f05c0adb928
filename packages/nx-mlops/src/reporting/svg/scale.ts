/** The least and the greatest value that an axis shows. */
export type Domain = readonly [number, number];

/** Maps a value of the domain onto pixels, in a straight line. */
export function linearScale(domain: Domain, range: readonly [number, number]): (value: number) => number {
  const width = domain[1] - domain[0];
  return (value) =>
    width === 0
      ? (range[0] + range[1]) / 2
      : range[0] + ((value - domain[0]) / width) * (range[1] - range[0]);
}

/**
 * Round values inside a domain, about `count` of them, at steps of 1, 2 or 5 times a power of ten.
 *
 * @returns rising; the two ends of the domain alone when it has no width
 */
export function niceTicks([low, high]: Domain, count: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => power * factor >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiplying and rounding, rather than adding, keeps 0.3 from becoming 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** The domain that holds all values, widened by a share on both sides so that no mark sits on the frame. */
export function domainOf(values: Iterable<number>, padding = 0.04): Domain {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const margin = high === low ? Math.abs(high) * 0.1 || 0.5 : (high - low) * padding;
  return [low - margin, high + margin];
}
