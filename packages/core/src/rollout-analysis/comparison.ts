import type { RolloutStep } from '../registry/rollout/plan';
import type { TrafficCounters } from './traffic-record';

/** Two versions in the same time, unless `reference` says otherwise. */
export interface Comparison {
  readonly candidate: TrafficCounters;
  /** Undefined when it answered nothing. */
  readonly champion: TrafficCounters | undefined;
  /** The information (see `informationOf`) at which the boundaries of this step are tightest. */
  readonly planned: number;
  /** Appended where the champion is named: empty, or ` before the step`. */
  readonly reference: string;
}

/** Steps that traffic judges. */
export type JudgedStep = Extract<RolloutStep, { kind: 'shadow' | 'weight' | 'soak' }>;

/** What two samples tell of a difference, as the size of a single one: 1/(1/n + 1/m). */
export function informationOf(n: number, m: number): number {
  return 1 / (1 / n + 1 / m);
}

/** Requests that a step without a number is taken to have. */
const USUAL_REQUESTS = 300;
/** Fewer and the boundaries would be tightest where the normal distribution does not hold yet. */
const LEAST_REQUESTS = 100;

/** The information that a step has when the candidate has answered its requests. Known before it begins. */
export function plannedInformation(step: JudgedStep): number {
  if (step.kind === 'soak') return USUAL_REQUESTS;
  const requests = Math.max(LEAST_REQUESTS, step.requests === 0 ? USUAL_REQUESTS : step.requests);
  // The champion answers (1 - w)/w as many as a candidate with the share w, and 1/s as many as get copied with the share s.
  if (step.kind === 'shadow') return requests / (1 + step.share / 100);
  return requests * Math.max(0.05, 1 - step.weight / 100);
}
