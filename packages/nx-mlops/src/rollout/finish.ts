import type { Rollout, StartResult } from '@nx-mlops/core';
import type { TrafficRequest } from './rollout-request';
import { watchRollout } from './watch';

/** Whether a rollout ended without its candidate serving, though that was the plan. */
export function hasFailed({ end }: Pick<Rollout, 'end'>): boolean {
  return end?.kind === 'aborted' || end?.kind === 'superseded';
}

/**
 * What a deployment or promotion came to once it is as far as was asked: to the end with `watch`, else as far as it went
 * at once.
 *
 * @param started undefined for a dry run
 */
export async function finishRollout(
  started: StartResult | undefined,
  {
    watch,
    interval = 10,
    signal,
    ...request
  }: TrafficRequest & {
    readonly watch?: boolean;
    /** Seconds between two looks. */
    readonly interval?: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly result: StartResult | undefined; readonly isGood: boolean }> {
  if (started?.kind !== 'rollout') return { result: started, isGood: true };
  const { rollout } = started;
  if (watch !== true || rollout.end !== undefined) return { result: started, isGood: !hasFailed(rollout) };
  const ended = await watchRollout({ ...request, environment: rollout.environment, interval, signal });
  return { result: { ...started, rollout: ended }, isGood: !hasFailed(ended) };
}
