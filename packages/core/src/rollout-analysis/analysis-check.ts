import type { Verdict } from '../registry/rollout/evidence';

export const analysisCheckNames = [
  'sample-ratio',
  'traffic',
  'error-rate',
  'latency-p99',
  'drift',
  'agreement',
  'metric',
  'experiment',
] as const;
export type AnalysisCheckName = (typeof analysisCheckNames)[number];

/** What one check of a step came to. */
export interface AnalysisCheck {
  readonly name: AnalysisCheckName;
  readonly verdict: Verdict;
  /** In the check's own unit: a share, seconds, a distance, units of the metric. Undefined where nothing was measured. */
  readonly observed?: number;
  /** What `observed` is held against, where there is such a value. */
  readonly allowed?: number;
  /** Where the truth lies, at all looks at once, where the check has an interval. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** It does not stop the rollout, but somebody should look. */
  readonly warning?: true;
  /** For people. */
  readonly because: string;
}

/** False alarms that one check may raise over all looks at a step, one-sided, of a candidate that is just as bad as allowed. */
export const ALPHA = 0.05;

/** A version with fewer requests, predictions or outcomes is not compared (a failure may be plain before). */
export const LEAST_COMPARED = 100;
