import { MlopsError, layout } from '@nx-mlops/core';

/** What lies under `.mlops/ci`, relative to the workspace. */
export const ciFolder = {
  state: `${layout.ci}/state.json`,
  /** Store of the embedded cache. */
  cache: `${layout.ci}/cache`,
  plan: `${layout.ci}/plan.json`,
  /** A folder for each job. */
  out: `${layout.ci}/out`,
  /** What the tasks of all jobs did. */
  run: `${layout.ci}/run.json`,
  /** Where Nx keeps its own cache and data in CI. */
  nx: `${layout.ci}/nx`,
  /** Cache entries that are not whole yet. */
  spool: `${layout.ci}/spool`,
} as const;

/** Inside the folder of a job. */
export const jobFolder = {
  run: 'run.json',
  entries: 'entries',
  results: 'results',
  index: 'job.json',
} as const;

export const jobNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;

/** @throws MlopsError MLOPS_USAGE for what cannot name a folder */
export function assertJobName(job: string): void {
  if (jobNamePattern.test(job)) return;
  throw new MlopsError(
    'MLOPS_USAGE',
    `"${job}" cannot name a job. Take letters, digits, ".", "-" and "_", beginning with a letter or digit.`,
  );
}
