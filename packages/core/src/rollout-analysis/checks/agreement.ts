import type { AnalysisCheck } from '../analysis-check';
import { histogramQuantile, totalOf } from '../histogram';
import type { TrafficCounters } from '../traffic-record';
import { counted, percent, short } from '../wording';

/** Own choice: of ten requests one answered otherwise is worth a look. */
const WARN_BELOW = 0.9;

/**
 * How often a candidate in the shadow answers as the champion did, and how far its scores are away. Told, never failed by:
 * a new model is meant to answer otherwise sometimes.
 *
 * @returns undefined when nothing is compared
 */
export function checkAgreement({ shadow }: TrafficCounters): AnalysisCheck | undefined {
  if (shadow === undefined || shadow.compared === 0) return undefined;
  const { compared, agreeing, scoreDifferences, dropped = 0 } = shadow;
  const parts = [`${counted(compared, 'request')} compared`];
  if (agreeing !== undefined) parts.push(`${percent(agreeing / compared)} with the same label`);
  if (scoreDifferences !== undefined && totalOf(scoreDifferences) > 0) {
    const [half, most] = [0.5, 0.99].map((share) => histogramQuantile(scoreDifferences, share));
    if (half !== undefined && most !== undefined) {
      parts.push(`scores apart by ${short(half)} (median) and ${short(most)} (p99)`);
    }
  }
  if (dropped > 0) parts.push(`${counted(dropped)} not copied, the shadow being too slow`);
  const isLow = agreeing !== undefined && agreeing / compared < WARN_BELOW;
  return {
    name: 'agreement',
    verdict: 'pass',
    ...(agreeing === undefined ? {} : { observed: agreeing / compared, allowed: WARN_BELOW }),
    ...(isLow ? { warning: true as const } : {}),
    because: parts.join(', '),
  };
}
