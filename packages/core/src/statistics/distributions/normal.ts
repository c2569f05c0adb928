import { incompleteGamma } from './incomplete-gamma';

/** Probability that a standard normal variable is at most z. The tails keep their digits down to z of about -38. */
export function normalCdf(z: number): number {
  // erfc(x) = Q(1/2, x^2) for x at least 0.
  const { lower, upper } = incompleteGamma(0.5, (z * z) / 2);
  return z < 0 ? upper / 2 : 0.5 + lower / 2;
}

/**
 * The z below which a standard normal variable lies with this probability, to about 15 digits.
 *
 * @param probability in [0, 1]; 0 gives -∞ and 1 gives ∞
 * Source: P. Acklam's rational approximation (relative error 1.2e-9), then one step of Halley's method.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`a probability lies between 0 and 1, not ${probability}`);
  }
  if (probability === 0) return -Infinity;
  if (probability === 1) return Infinity;
  // By symmetry, so that the tail whose digits count is the small one.
  if (probability > 0.5) return -lowerQuantile(1 - probability);
  return lowerQuantile(probability);
}

const CENTRAL_NUMERATOR = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
] as const;
const CENTRAL_DENOMINATOR = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
] as const;
const TAIL_NUMERATOR = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
] as const;
const TAIL_DENOMINATOR = [
  0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1,
] as const;
const TAIL = 0.02425;

function lowerQuantile(probability: number): number {
  const z = approximateQuantile(probability);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  // Below the smallest normal numbers there is nothing to refine with.
  if (density === 0) return z;
  const step = (normalCdf(z) - probability) / density;
  return z - step / (1 + (z * step) / 2);
}

function approximateQuantile(probability: number): number {
  if (probability < TAIL) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(TAIL_NUMERATOR, q) / polynomial(TAIL_DENOMINATOR, q);
  }
  const q = probability - 0.5;
  return (polynomial(CENTRAL_NUMERATOR, q * q) * q) / polynomial(CENTRAL_DENOMINATOR, q * q);
}

/** @param coefficients of the highest power first */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
