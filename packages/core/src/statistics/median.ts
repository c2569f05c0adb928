/**
 * The middle value, or the mean of the two middle ones.
 *
 * @param values finite; sorted in place
 * @returns null when there are none
 */
export function medianInPlace(values: Float64Array): number | null {
  if (values.length === 0) return null;
  values.sort();
  const upper = values[values.length >> 1] as number;
  if (values.length % 2 === 1) return upper;
  const lower = values[(values.length >> 1) - 1] as number;
  return lower + (upper - lower) / 2;
}
