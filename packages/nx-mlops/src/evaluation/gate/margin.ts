import type { GateConfig, MetricDirection } from '@nx-mlops/core';

/** Of a metric whose larger values are better, most of which are shares. */
const defaultMargin = 0.005;
/** Of a metric whose smaller values are better: errors, which have a unit, so a share of the champion's. */
const defaultRelativeMargin = '1%';

/**
 * How much worse than the champion is still as good, in units of the metric; at least 0.
 *
 * @param championValue what a margin in per cent is a share of
 */
export function marginOf(
  { margin }: Pick<GateConfig, 'margin'>,
  direction: MetricDirection,
  championValue: number,
): number {
  const wanted = margin ?? (direction === 'higher' ? defaultMargin : defaultRelativeMargin);
  if (typeof wanted === 'number') return wanted;
  return (Number.parseFloat(wanted) / 100) * Math.abs(championValue);
}
