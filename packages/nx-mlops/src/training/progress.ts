import { formatCount, formatDuration, formatNumber } from '../reporting/format';
import type { LoggedStep } from './metric-log';

/** What progress is told from: the first and the latest step seen, and when. Times in seconds, one clock. */
export interface ProgressState {
  readonly startedAt: number;
  readonly first: { readonly step: LoggedStep; readonly at: number };
  readonly latest: { readonly step: LoggedStep; readonly at: number };
}

export function advance(
  state: ProgressState | undefined,
  step: LoggedStep,
  at: number,
  startedAt: number,
): ProgressState {
  return { startedAt, first: state?.first ?? { step, at }, latest: { step, at } };
}

/** `step 3/10  loss 0.4123  12,400 rows/s  2 min 10 s left` */
export function progressLine(state: ProgressState): string {
  const { step } = state.latest;
  const done = stepsDone(state);
  const rate = rowsPerSecond(state);
  const left = secondsLeft(state);
  return [
    `step ${done}${step.steps === undefined ? '' : `/${step.steps}`}`,
    ...Object.entries(step.metrics).map(([name, value]) => `${name} ${formatNumber(value)}`),
    ...(rate === undefined ? [] : [`${formatCount(rate)} rows/s`]),
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ].join('  ');
}

/** Scripts count from 0 or from 1; one that begins at 0 has done a step more than its number says. */
function stepsDone({ first, latest }: ProgressState): number {
  const done = latest.step.step + (first.step.step === 0 ? 1 : 0);
  return latest.step.steps === undefined ? done : Math.min(done, latest.step.steps);
}

/** Steps that came closer together say nothing of the pace: they may have been read from the log at once. Seconds. */
const shortestSpan = 0.5;

function rowsPerSecond({ startedAt, first, latest }: ProgressState): number | undefined {
  if (latest.step.rows === undefined) return undefined;
  // Between two steps where that can be told, since loading the library and the data would count otherwise.
  const between = first.step.rows !== undefined && latest.at - first.at >= shortestSpan;
  const since = between ? { rows: first.step.rows ?? 0, at: first.at } : { rows: 0, at: startedAt };
  const seconds = latest.at - since.at;
  const rows = latest.step.rows - since.rows;
  return seconds > 0 && rows > 0 ? rows / seconds : undefined;
}

function secondsLeft(state: ProgressState): number | undefined {
  const { first, latest } = state;
  if (latest.step.steps === undefined) return undefined;
  const left = latest.step.steps - stepsDone(state);
  const seen = latest.step.step - first.step.step;
  if (left <= 0 || seen <= 0 || latest.at - first.at < shortestSpan) return undefined;
  return (left * (latest.at - first.at)) / seen;
}
