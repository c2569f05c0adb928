import { setTimeout as sleep } from 'node:timers/promises';
import { advanceRollout, type AdvanceRequest } from './advance';
import { MlopsError, fileNameOfProject, messageOf, type AdvanceDecision, type Rollout } from '@nx-mlops/core';

export interface WatchRequest extends AdvanceRequest {
  /** Seconds between two looks. */
  readonly interval: number;
  readonly signal: AbortSignal;
}

/**
 * Takes one decision after another until the rollout is done. It keeps nothing in memory that the registry does not
 * have, so it may be stopped and started again, and two may watch at once.
 *
 * @returns the rollout at its end; whether that is good stands in `end`
 * @throws MlopsError MLOPS_NO_ROLLOUT at the start; the reason of the signal
 */
export async function watchRollout({ interval, signal, ...request }: WatchRequest): Promise<Rollout> {
  let said = '';
  // The same reason to wait is said once.
  const print = (line: string) => {
    if (line !== said) request.print(line);
    said = line;
  };
  let environment = request.environment;
  let last: Rollout | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { decision, rollout } = await advanceRollout({ ...request, environment, print }).catch(
      async (error: unknown) => {
        if (last !== undefined && isPassing(error)) return waitAgain(last, messageOf(error), print);
        // Another command ended it between two looks.
        const ended = last === undefined ? undefined : await rolloutOf(request, last.id);
        if (ended?.end === undefined) throw error;
        const decision: AdvanceDecision = { kind: 'wait', because: 'it is over' };
        return { decision, rollout: ended };
      },
    );
    if (last !== undefined && rollout.id !== last.id) {
      const former = await rolloutOf(request, last.id);
      if (former?.end !== undefined) return former;
    }
    environment = rollout.environment;
    last = rollout;
    if (rollout.end !== undefined) return rollout;
    if (decision.kind === 'append') continue;
    const until = decision.until === undefined ? Infinity : Date.parse(decision.until);
    const wait = Math.min(interval * 1000, Math.max(0, until - request.tools.now().getTime()));
    await sleep(wait, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }
}

/** Failures that may be over at the next look: a watch through the night must not end by one of them. */
const passing: ReadonlySet<string> = new Set([
  'MLOPS_REMOTE_UNREACHABLE',
  'MLOPS_REGISTRY_IO',
  'MLOPS_REGISTRY_LOCKED',
  'MLOPS_MLFLOW_UNREACHABLE',
  'MLOPS_TRAFFIC_UNREADABLE',
  'MLOPS_TARGET_FAILED',
]);

function isPassing(error: unknown): boolean {
  return error instanceof MlopsError && passing.has(error.code);
}

/** The rollout as it was seen last, and why nothing was decided. */
function waitAgain(
  last: Rollout,
  because: string,
  print: (line: string) => void,
): { readonly decision: AdvanceDecision; readonly rollout: Rollout } {
  print(`${because} Trying again.`);
  return { decision: { kind: 'wait', because }, rollout: last };
}

async function rolloutOf({ registry, project }: AdvanceRequest, id: string): Promise<Rollout | undefined> {
  return (await registry.state(fileNameOfProject(project.name))).rollouts.get(id);
}
