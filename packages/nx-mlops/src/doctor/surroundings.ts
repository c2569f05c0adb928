import type { MlopsConfig } from '@nx-mlops/core';
import { readMlopsConfig } from '../rollout/read-mlops-config';
import { ciSystemOf, type CiSystem } from './ci-system';
import type { Finding } from './finding';

/** What the checks look at. */
export interface Surroundings {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether to judge as in a CI job. */
  readonly isCi: boolean;
  /** The CI system whose variables are set; undefined on a laptop, whatever `isCi` says. */
  readonly ciSystem: CiSystem | undefined;
  /** Whether a check may write a probe. */
  readonly mayWrite: boolean;
  /** `mlops.json`; undefined where it cannot be read, which is the business of one check alone. */
  readonly mlops: MlopsConfig | undefined;
}

/** One thing that is looked at. Checks know nothing of each other. */
export interface Check {
  /** Of the row where the check itself fails or hangs. */
  readonly name: string;
  /**
   * @param signal aborted when the time of the check is over; what it started should end then
   * @throws MlopsError for what is a problem by itself
   */
  run(surroundings: Surroundings, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** @param options.ci judge as in a CI job; where CI variables say so when left out */
export async function lookAround(options: {
  readonly workspaceRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ci?: boolean;
  readonly mayWrite?: boolean;
}): Promise<Surroundings> {
  const { workspaceRoot, env } = options;
  const ciSystem = ciSystemOf(env);
  return {
    workspaceRoot,
    env,
    isCi: options.ci === true || ciSystem !== undefined,
    ciSystem,
    mayWrite: options.mayWrite === true,
    mlops: await readMlopsConfig(workspaceRoot).catch(() => undefined),
  };
}
