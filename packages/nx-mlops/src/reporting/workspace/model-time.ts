import type { RunRecord } from '@nx-mlops/core';
import type { ModelTime, ReportedProject } from './model-report';
import type { RunInformation } from './run-information';

/**
 * Time that a model cost in the reported run, and time that the cache saved.
 *
 * Saved is what the training took when it last really ran, if this run had it from the cache. For other tasks nobody keeps a
 * duration, so they are not counted.
 *
 * @param datasets whose tasks are listed with the model's own, and not counted: models share them
 */
export function modelTime(
  { name, targets }: ReportedProject,
  datasets: readonly string[],
  run: RunInformation | undefined,
  record: RunRecord | undefined,
): ModelTime {
  const tasks = (run?.tasks ?? []).filter(({ project }) => project === name || datasets.includes(project));
  const own = tasks.filter(({ project }) => project === name);
  if (own.length === 0) return { tasks, spent: undefined, saved: undefined };
  const spent = own
    .filter(({ outcome }) => outcome === 'ran' || outcome === 'failed')
    .reduce((sum, { duration }) => sum + duration, 0);
  const training = own.find(({ target }) => target === targets['train']);
  const isItsRecord =
    record !== undefined &&
    (record.nxTaskHash === undefined || training?.hash === undefined || record.nxTaskHash === training.hash);
  const saved = training?.outcome === 'cached' && isItsRecord ? record.duration : undefined;
  return { tasks, spent, saved };
}
