import type { ChosenThresholdRule } from '../config/evaluation-config';
import type { FloatArray } from './numbers';

/**
 * The decision threshold that a rule asks for on these rows: one of the scores, so that "at or above" is exact.
 *
 * @param scores probability of the positive class, `[rows]`
 * @param labels 1 for the positive class
 * @throws MlopsError MLOPS_THRESHOLD when no threshold fulfils the rule, or only one class is there
 */
export function chooseThreshold(
  sample: { readonly scores: FloatArray; readonly labels: Uint8Array; readonly weights?: Float64Array },
  rule: ChosenThresholdRule,
): number {
  throw new Error(`contract only: ${sample.labels.length} ${JSON.stringify(rule)}`);
}
