import { formatDuration, type RolloutPlan, type RolloutStep } from '@nx-mlops/core';
import { formatCount, plural } from '../reporting/format';

/** One line a step, for people: what happens, and what ends it. */
export function describePlan({ strategy, steps, experiment, deadline, then }: RolloutPlan): string[] {
  const last =
    then === 'promote' ? 'the new version serves alone' : 'the result is recorded, nothing changes';
  return [
    `${strategy} in ${plural(steps.length, 'step')}, at most ${formatDuration(deadline)}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${describeStep(step)}`),
    `  then ${last}`,
    ...(experiment === undefined
      ? []
      : [
          `  The experiment needs ${formatCount(experiment.plannedSample)} subjects in each arm to see a difference of ${experiment.minimumEffect} in ${experiment.metric} with a power of ${experiment.power} (alpha ${experiment.alpha}).`,
        ]),
  ];
}

export function describeStep(step: RolloutStep): string {
  switch (step.kind) {
    case 'approval':
      return `wait for ${plural(step.count, 'approval')}${step.by === undefined ? '' : ` by ${step.by.join(', ')}`}`;
    case 'verify':
      return 'verify digests, signature and golden rows';
    case 'shadow':
      return `copy ${step.share} % of the requests to it, ${untilEnough(step)}`;
    case 'weight':
      return `send it ${step.weight} % of the requests, ${untilEnough(step)}`;
    case 'switch':
      return 'send it all requests';
    case 'soak':
      return `send it all requests and keep the former version loaded for ${formatDuration(step.seconds)}`;
  }
}

function untilEnough({ requests, seconds }: { readonly requests: number; readonly seconds: number }): string {
  const time = seconds === 0 ? '' : ` and ${formatDuration(seconds)}`;
  return `judged after ${plural(requests, 'request')}${time}`;
}
