import { setTimeout as sleep } from 'node:timers/promises';
import { advanceRollout, type AdvanceRequest } from './advance';
import { fileNameOfProject, type AdvanceDecision, type Rollout } from '@nx-mlops/core';

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
  let id: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { decision, rollout } = await advanceRollout({ ...request, environment, print }).catch(
      async (error: unknown) => {
        // Another command ended it between two looks.
        const ended = id === undefined ? undefined : await rolloutOf(request, id);
        if (ended?.end === undefined) throw error;
        const decision: AdvanceDecision = { kind: 'wait', because: 'it is over' };
        return { decision, rollout: ended };
      },
    );
    if (id !== undefined && rollout.id !== id) {
      const former = await rolloutOf(request, id);
      if (former?.end !== undefined) return former;
    }
    environment = rollout.environment;
    id = rollout.id;
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

async function rolloutOf({ registry, project }: AdvanceRequest, id: string): Promise<Rollout | undefined> {
  return (await registry.state(fileNameOfProject(project.name))).rollouts.get(id);
}
