import { unitsOf } from './units';
import { ownWeights, type Entries, type WeightedMetric } from './weighted-metric';

/**
 * Standard error by the infinitesimal jackknife: the root of n/(n-1) Σ U², with U a unit's influence, its weight times
 * the derivative of the metric by it; of a group the sum over its entries. Of a mean it is exactly s/√n.
 *
 * @returns NaN with fewer than two units
 * Source: B. Efron, The jackknife, the bootstrap and other resampling plans, SIAM 1982, chapter 6.
 */
export function jackknifeStandardError(metric: WeightedMetric, entries: Entries): number {
  const units = unitsOf(entries);
  if (units.count < 2) return NaN;
  const own = ownWeights(entries);
  const derivatives = metric.derivativesAt(own);
  const influences = entries.groups === undefined ? derivatives : new Float64Array(units.count);
  for (let entry = 0; entry < entries.count; entry++) {
    const influence = (own[entry] as number) * (derivatives[entry] as number);
    if (entries.groups === undefined) influences[entry] = influence;
    else {
      const unit = units.ofEntry[entry] as number;
      if (unit !== -1) influences[unit] = (influences[unit] as number) + influence;
    }
  }
  let squares = 0;
  for (let unit = 0; unit < influences.length; unit++) squares += (influences[unit] as number) ** 2;
  return Math.sqrt((squares * units.count) / (units.count - 1));
}
