import type { ChosenThresholdRule } from '../config/evaluation-config';
import { MlopsError } from '../errors/mlops-error';
import { checkLabelledScores } from './check-input';
import { rankScores, type LabelledScores, type RankedScores } from './ranked-scores';

/**
 * The decision threshold that a rule asks for on these rows: one of the scores, so that "at or above" is exact. At the
 * highest score at least one row is positive; a rule cannot ask for none.
 *
 * Of several thresholds that fulfil the rule equally well it is the highest, so the fewest rows are positive; but
 * `minPrecision` asks for the lowest that reaches it. O(n log n).
 *
 * @throws MlopsError MLOPS_THRESHOLD when no threshold fulfils the rule, or only one class is there;
 *   MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function chooseThreshold(sample: LabelledScores, rule: ChosenThresholdRule): number {
  checkLabelledScores(sample);
  const ranked = rankScores(sample);
  if (ranked.negatives === 0 || ranked.positives === 0) {
    throw new MlopsError(
      'MLOPS_THRESHOLD',
      `a threshold is chosen between two classes, but all ${sample.labels.length} rows are ${ranked.positives === 0 ? 'negative' : 'positive'}${sample.weights === undefined ? '' : ' or have no weight'}. Give a validation split with both, or write the threshold as a number.`,
    );
  }
  if ('minPrecision' in rule) return lowestWithPrecision(ranked, rule.minPrecision);
  if ('minRecall' in rule) return bestThreshold(ranked, ({ recall }) => (recall >= rule.minRecall ? 1 : 0));
  if ('maximise' in rule) return bestThreshold(ranked, merits[rule.maximise]);
  return bestThreshold(
    ranked,
    ({ falsePositives, falseNegatives }) =>
      -(falsePositives * rule.falsePositiveCost + falseNegatives * rule.falseNegativeCost),
  );
}

/** Weights of rows at a threshold; their numbers where rows have no weights. */
interface Outcome {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly recall: number;
}

/**
 * What is larger where the metric is. Without weights they are made of whole numbers, with one division at most, so that
 * equally good thresholds are exactly equal.
 */
const merits = {
  f1: ({ truePositives, falsePositives, falseNegatives }) =>
    (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
  youden: youden,
  // Half of one more than Youden's J.
  'balanced-accuracy': youden,
  mcc: ({ truePositives, falsePositives, falseNegatives, trueNegatives }) => {
    const predicted = truePositives + falsePositives;
    const others = trueNegatives + falseNegatives;
    if (predicted === 0 || others === 0) return 0;
    const covariance = truePositives * trueNegatives - falsePositives * falseNegatives;
    // Its square with its sign, times the same for all thresholds.
    return (covariance * Math.abs(covariance)) / (predicted * others);
  },
  accuracy: ({ truePositives, falsePositives }) => truePositives - falsePositives,
} as const satisfies Record<string, (outcome: Outcome) => number>;

/** J = TP / P - FP / N, times P N. */
function youden({ truePositives, falsePositives, falseNegatives, trueNegatives }: Outcome): number {
  return truePositives * (falsePositives + trueNegatives) - falsePositives * (truePositives + falseNegatives);
}

/** Merits that differ by less, as a share, differ by a rounding: quotients, sums of weights. */
const rounding = 1e-14;

function bestThreshold(ranked: RankedScores, merit: (outcome: Outcome) => number): number {
  let best = NaN;
  let highest = -Infinity;
  forEachOutcome(ranked, (threshold, outcome) => {
    const own = merit(outcome);
    const isHigher = highest === -Infinity || own - highest > rounding * Math.abs(highest);
    if (isHigher) [best, highest] = [threshold, own];
  });
  return best;
}

function lowestWithPrecision(ranked: RankedScores, wanted: number): number {
  let lowest: number | undefined;
  let highest = { threshold: NaN, precision: -Infinity };
  forEachOutcome(ranked, (threshold, { truePositives, falsePositives }) => {
    const predicted = truePositives + falsePositives;
    if (predicted === 0) return;
    const precision = truePositives / predicted;
    if (precision >= wanted) lowest = threshold;
    if (precision > highest.precision) highest = { threshold, precision };
  });
  if (lowest !== undefined) return lowest;
  throw new MlopsError(
    'MLOPS_THRESHOLD',
    `no threshold has a precision of ${wanted} on these rows: the highest is ${Number(highest.precision.toFixed(4))}, at ${Number(highest.threshold.toPrecision(6))}. Ask for less in evaluation.threshold.minPrecision, or improve the model.`,
  );
}

/** Each distinct score as the threshold, from the highest down. */
function forEachOutcome(ranked: RankedScores, visit: (threshold: number, outcome: Outcome) => void): void {
  let truePositives = 0;
  let falsePositives = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    truePositives += positives;
    falsePositives += negatives;
    visit(score, {
      truePositives,
      falsePositives,
      falseNegatives: ranked.positives - truePositives,
      trueNegatives: ranked.negatives - falsePositives,
      recall: truePositives / ranked.positives,
    });
  });
}
