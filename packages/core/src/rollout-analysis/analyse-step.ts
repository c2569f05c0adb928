import type { Verdict } from '../registry/rollout/evidence';
import type { AnalysisPlan, RolloutPlan } from '../registry/rollout/plan';
import type { VersionRef } from '../registry/rollout/rollout';
import type { AnalysisCheck } from './analysis-check';
import { checkAgreement } from './checks/agreement';
import { checkDrift } from './checks/drift';
import { checkErrorRate } from './checks/error-rate';
import { checkExperiment } from './checks/experiment';
import { checkLatency } from './checks/latency';
import { checkMetric } from './checks/metric';
import { checkSampleRatio } from './checks/sample-ratio';
import { plannedInformation, type Comparison, type JudgedStep } from './comparison';
import { histogramQuantile } from './histogram';
import type { TrafficCounters } from './traffic-record';
import type { TrafficWindow } from './traffic-window';
import { counted, milliseconds, percent } from './wording';

/** What live traffic says of a step. */
export interface StepAnalysis {
  readonly verdict: Verdict;
  /** One sentence for people. */
  readonly summary: string;
  readonly checks: readonly AnalysisCheck[];
  /**
   * An experiment that had its planned sample and showed no difference. The verdict is inconclusive and stays so: the
   * rollout should end without its candidate and without blame, and not be looked at again.
   */
  readonly isOver?: true;
}

export interface StepTraffic {
  readonly step: JudgedStep;
  readonly plan: Pick<RolloutPlan, 'analysis' | 'experiment'>;
  /** From the beginning of the step until now. */
  readonly window: TrafficWindow;
  readonly candidate: Pick<VersionRef, 'version'>;
  readonly champion?: Pick<VersionRef, 'version'>;
  /**
   * While the candidate soaks it has all traffic, so its champion is looked up in a window before the step; without one
   * nothing is compared.
   */
  readonly before?: TrafficWindow;
}

/**
 * Judges a step of a rollout by its traffic so far. It may be asked at any number of moments: a candidate that is as good
 * as allowed fails a check over all of them no more often than the check says (docs/decisions/0015).
 *
 * In order: nothing is read while the shares of traffic are not as planned; one check that fails is a fail, also before the
 * step has its requests; a step without its requests or time is inconclusive; so is one with a check that is; else it
 * passes.
 *
 * @throws RangeError when the plan has no `analysis`
 */
export function analyseStep(traffic: StepTraffic): StepAnalysis {
  const { step, plan, window } = traffic;
  const { analysis, experiment } = plan;
  if (analysis === undefined) throw new RangeError('a plan without analysis is not judged by traffic');
  const comparison = comparisonOf(traffic);
  if (comparison === undefined) {
    const because = 'the candidate answered no request';
    const check: AnalysisCheck = { name: 'traffic', verdict: 'inconclusive', observed: 0, because };
    return { verdict: 'inconclusive', summary: because, checks: [check] };
  }
  const ratio = ratioOf(step, comparison);
  if (ratio?.verdict === 'inconclusive') {
    return { verdict: 'inconclusive', summary: ratio.because, checks: [ratio] };
  }
  const ended =
    step.kind === 'weight' && experiment !== undefined ? checkExperiment(comparison, experiment) : undefined;
  const checks = [
    ratio,
    checkTraffic(step, window, comparison.candidate),
    ...versionChecks(step, comparison, analysis),
    ended?.check,
  ].filter((check) => check !== undefined);
  const verdict = worst(checks);
  return {
    verdict,
    summary: summaryOf(comparison, checks, verdict),
    checks,
    ...(ended?.isOver === true && verdict !== 'fail' ? { isOver: true } : {}),
  };
}

function versionChecks(
  step: JudgedStep,
  comparison: Comparison,
  analysis: AnalysisPlan,
): (AnalysisCheck | undefined)[] {
  return [
    checkErrorRate(comparison, analysis.errorRateIncrease),
    checkLatency(comparison, analysis.p99),
    checkDrift(comparison, analysis.drift, step.kind !== 'soak'),
    step.kind === 'shadow' ? checkAgreement(comparison.candidate) : undefined,
    // Outcomes follow from answers that were given, by both in the same time.
    step.kind === 'weight' && analysis.metric !== undefined
      ? checkMetric(comparison, analysis.metric)
      : undefined,
  ];
}

/** @returns undefined when nothing of the candidate is counted */
function comparisonOf({ step, window, candidate, champion, before }: StepTraffic): Comparison | undefined {
  const own = window.versions.get(candidate.version)?.[step.kind === 'shadow' ? 'shadow' : 'live'];
  if (own === undefined) return undefined;
  const source = step.kind === 'soak' ? before : window;
  return {
    candidate: own,
    champion: champion === undefined ? undefined : source?.versions.get(champion.version)?.live,
    planned: plannedInformation(step),
    reference: step.kind === 'soak' ? ' before' : '',
  };
}

/** Copies may be dropped and a soak has no shares, so this is of weights alone. */
function ratioOf(step: JudgedStep, { candidate, champion }: Comparison): AnalysisCheck | undefined {
  if (step.kind !== 'weight' || champion === undefined || step.weight <= 0 || step.weight >= 100) {
    return undefined;
  }
  return checkSampleRatio(candidate, champion, step.weight / 100);
}

function checkTraffic(step: JudgedStep, window: TrafficWindow, { requests }: TrafficCounters): AnalysisCheck {
  const seconds = (Date.parse(window.until) - Date.parse(window.since)) / 1000;
  const needed = Math.max(1, step.kind === 'soak' ? 1 : step.requests);
  const hasRequests = requests >= needed;
  const hasTime = seconds >= step.seconds;
  return {
    name: 'traffic',
    verdict: hasRequests && hasTime ? 'pass' : 'inconclusive',
    observed: requests,
    allowed: needed,
    because: `${counted(requests)} of ${counted(needed, 'request')}${step.seconds === 0 ? '' : `, ${counted(seconds)} of ${counted(step.seconds)} s`}`,
  };
}

function worst(checks: readonly AnalysisCheck[]): Verdict {
  for (const verdict of ['fail', 'inconclusive'] as const) {
    if (checks.some((check) => check.verdict === verdict)) return verdict;
  }
  return 'pass';
}

function summaryOf(
  { candidate, champion, reference }: Comparison,
  checks: readonly AnalysisCheck[],
  verdict: Verdict,
): string {
  const seen = [
    `errors ${against(candidate, champion, ({ errors, requests }) => (requests === 0 ? undefined : errors / requests), percent)}`,
    `p99 ${against(candidate, champion, ({ latency }) => histogramQuantile(latency, 0.99), milliseconds)}`,
  ].join(', ');
  const reasons =
    verdict === 'pass'
      ? checks.filter((check) => check.warning === true)
      : checks.filter((check) => check.verdict === verdict);
  const because = reasons.map(
    (check) => `; ${check.warning === true ? 'warning, ' : ''}${check.name}: ${check.because}`,
  );
  return `${counted(candidate.requests, 'request')}: ${seen}${champion === undefined ? '' : reference}${because.join('')}`;
}

function against(
  candidate: TrafficCounters,
  champion: TrafficCounters | undefined,
  measure: (counters: TrafficCounters) => number | undefined,
  format: (value: number) => string,
): string {
  const [own, other] = [candidate, champion].map((counters) => {
    const value = counters === undefined ? undefined : measure(counters);
    return value === undefined ? 'unknown' : format(value);
  });
  return champion === undefined ? `${own}` : `${own} against ${other}`;
}
