import { secondsOf } from '../../config/duration';
import { approvalPolicyOf, type EnvironmentConfig } from '../../config/environment-config';
import type { StrategyConfig } from '../../config/strategy-config';
import { plannedSample } from '../../statistics/planned-sample';
import { splitAlpha } from '../../statistics/sequential/split-alpha';
import type { RolloutPlan, RolloutStep } from './plan';

/** serving.md §2.1: enough for a first judgement of errors and latency. */
const USUAL_REQUESTS = 300;
const SHADOW_REQUESTS = 500;

/**
 * The steps by which a version comes into an environment, from its config.
 *
 * Without a champion there is nothing to compare with and nothing to go back to, so the shares of traffic and the soak fall
 * away.
 *
 * @returns undefined when all traffic moves at once and nobody is asked: one event, no rollout
 */
export function planRollout(
  environment: Pick<EnvironmentConfig, 'strategy' | 'approvals'>,
  options: { readonly hasChampion: boolean },
): RolloutPlan | undefined {
  const { strategy } = environment;
  const approvals = approvalPolicyOf(environment);
  const { count, others } = approvals;
  const by = approvals.by === undefined ? {} : { by: [...approvals.by] };
  const first: RolloutStep[] = count === 0 ? [] : [{ kind: 'approval', count, others, ...by }];
  const middle = options.hasChampion ? trafficSteps(strategy) : [];
  const ask: RolloutStep[] =
    strategy.type === 'blue-green' && strategy.approval
      ? [{ kind: 'approval', count: 1, others, ...by }]
      : [];
  const then = strategy.type === 'shadow' ? strategy.then : 'promote';
  const soak = options.hasChampion ? secondsOf(strategy.soak) : 0;
  const last: RolloutStep[] =
    then === 'stop' && options.hasChampion
      ? []
      : soak > 0
        ? [{ kind: 'soak', seconds: soak }]
        : middle.length + ask.length > 0 || first.length > 0
          ? [{ kind: 'switch' }]
          : [];
  const steps = [...first, { kind: 'verify' } as const, ...middle, ...ask, ...last];
  if (steps.length === 1) return undefined;
  return {
    strategy: strategy.type,
    steps,
    ...(strategy.type === 'direct' ? {} : { analysis: strategy.analysis }),
    ...(strategy.type === 'a-b' && options.hasChampion ? { experiment: experimentOf(strategy) } : {}),
    then: options.hasChampion ? then : 'promote',
    deadline: Math.max(1, secondsOf(strategy.deadline)),
  };
}

function trafficSteps(strategy: StrategyConfig): RolloutStep[] {
  switch (strategy.type) {
    case 'direct':
    case 'blue-green':
      return [];
    case 'canary':
      return (strategy.steps ?? defaultSteps).map((step): RolloutStep => {
        if ('approval' in step) return { kind: 'approval', count: 1, others: false };
        const seconds = secondsOf(step.duration ?? '0s');
        return 'weight' in step
          ? { kind: 'weight', weight: step.weight, requests: step.requests ?? USUAL_REQUESTS, seconds }
          : { kind: 'shadow', share: step.shadow, requests: step.requests ?? USUAL_REQUESTS, seconds };
      });
    case 'a-b':
      return [
        {
          kind: 'weight',
          weight: strategy.weight,
          // Errors and latency; the experiment has its planned sample of subjects beside.
          requests: USUAL_REQUESTS,
          seconds: 0,
        },
      ];
    case 'shadow':
      return [
        {
          kind: 'shadow',
          share: strategy.share,
          requests: strategy.requests ?? SHADOW_REQUESTS,
          seconds: secondsOf(strategy.duration ?? '0s'),
        },
      ];
  }
}

const defaultSteps = [
  { shadow: 100, requests: SHADOW_REQUESTS, duration: undefined },
  { weight: 5, requests: undefined, duration: undefined },
  { weight: 25, requests: undefined, duration: undefined },
  { weight: 50, requests: undefined, duration: undefined },
];

function experimentOf(strategy: Extract<StrategyConfig, { type: 'a-b' }>) {
  const { metric, direction, minimumEffect, alpha, power, baseline } = strategy;
  const standardDeviation = baseline.standardDeviation ?? Math.sqrt(baseline.mean * (1 - baseline.mean));
  return {
    metric,
    direction,
    minimumEffect,
    alpha,
    power,
    plannedSample: plannedSample({ standardDeviation, minimumEffect, alpha: splitAlpha(alpha).final, power }),
  };
}
