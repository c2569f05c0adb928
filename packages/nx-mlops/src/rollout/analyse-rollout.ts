import { analyseStep, type EnvironmentConfig, type Rollout, type TrafficFeed } from '@nx-mlops/core';
import type { Finding } from './rollout-request';

/**
 * Judges the step under way by the traffic since it began.
 *
 * @param feed undefined where mlops.json names none for the environment: then nothing is known, which is inconclusive
 * @throws MlopsError MLOPS_TRAFFIC_BROKEN and of the feed's own
 */
export async function analyseRollout(
  model: string,
  rollout: Rollout,
  environment: Pick<EnvironmentConfig, 'name'>,
  feed: TrafficFeed | undefined,
  now: Date,
): Promise<Finding> {
  const { candidate, champion, plan, stepSince, startedAt } = rollout;
  const step = plan.steps[rollout.step];
  if (step === undefined || (step.kind !== 'weight' && step.kind !== 'shadow' && step.kind !== 'soak')) {
    throw new RangeError(`step ${rollout.step} of ${rollout.id} is not judged by traffic`);
  }
  if (feed === undefined) {
    const summary = `nobody counts the traffic of ${environment.name}: mlops.json names no "traffic"`;
    return { evidence: { kind: 'analysis', verdict: 'inconclusive', summary } };
  }
  const versions = [candidate.version, ...(champion === undefined ? [] : [champion.version])];
  const read = (since: string, until: string) =>
    feed.read({ model, environment: environment.name, since, until, versions });
  const analysis = analyseStep({
    step,
    plan,
    window: await read(stepSince, now.toISOString()),
    candidate,
    ...(champion === undefined ? {} : { champion }),
    // With all traffic at the candidate the champion is known from before.
    ...(step.kind === 'soak' ? { before: await read(startedAt, stepSince) } : {}),
  });
  return {
    evidence: { kind: 'analysis', verdict: analysis.verdict, summary: analysis.summary },
    ...(analysis.isOver === true ? { isOver: true } : {}),
    report: { rollout: rollout.id, step: rollout.step, from: stepSince, to: now.toISOString(), ...analysis },
  };
}
