import type { ChosenThresholdRule } from '@nx-mlops/core';

/** A rule in words, as evaluation.json and the report give it. */
export function thresholdRuleText(rule: ChosenThresholdRule): string {
  if ('maximise' in rule) return `largest ${rule.maximise === 'youden' ? "Youden's J" : rule.maximise}`;
  if ('minPrecision' in rule) return `most positives found at a precision of at least ${rule.minPrecision}`;
  if ('minRecall' in rule) return `fewest false alarms at a recall of at least ${rule.minRecall}`;
  return `least cost, ${rule.falsePositiveCost} a false positive and ${rule.falseNegativeCost} a false negative`;
}
