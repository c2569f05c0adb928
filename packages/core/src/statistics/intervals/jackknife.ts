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
  const { count, weights, groups } = entries;
  if (weights === undefined && groups === undefined) {
    const squares = metric.unweighted?.().squaresByClass();
    if (squares !== undefined)
      return errorOf(
        squares.reduce((sum, each) => sum + each, 0),
        count,
      );
    return errorOf(sumOfSquares(metric.derivativesAt(ownWeights(entries))), count);
  }
  const own = ownWeights(entries);
  const derivatives = metric.derivativesAt(own);
  const units = unitsOf(entries);
  const influences = new Float64Array(units.count);
  for (let entry = 0; entry < count; entry++) {
    const unit = units.ofEntry[entry] as number;
    if (unit === -1) continue;
    influences[unit] = (influences[unit] as number) + (own[entry] as number) * (derivatives[entry] as number);
  }
  return errorOf(sumOfSquares(influences), units.count);
}

function errorOf(squares: number, units: number): number {
  return units < 2 ? NaN : Math.sqrt((squares * units) / (units - 1));
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) ** 2;
  return sum;
}
