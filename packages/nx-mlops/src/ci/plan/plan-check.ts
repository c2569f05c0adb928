import { DEFAULT_RESOURCE_CLASS, type CiConfig } from '@nx-mlops/core';
import type { RunNx } from '../../processes/workspace-nx';
import type { Plan } from '../plan-file';
import { affectedTasks, type CommitRange } from './affected-tasks';
import { estimateFrom, type RecordedDurations } from './estimate';
import { placedProjects, type PlacedProject } from './placed-projects';
import { spread } from './spread';

export interface PlanRequest {
  readonly range: CommitRange;
  /** That the base stands for everything. */
  readonly all: boolean;
  readonly targets: readonly string[];
  readonly agents: CiAgents;
  readonly durations: RecordedDurations;
  readonly runNx: RunNx;
  readonly print: (line: string) => void;
}

/** The machines that a check is spread over. */
export type CiAgents = Pick<CiConfig, 'agents'> & {
  readonly classes: Readonly<Record<string, Pick<CiConfig, 'agents'>>>;
};

/**
 * Asks Nx what is affected, and spreads it over the agents by what its tasks took before.
 *
 * @throws MlopsError of `affectedTasks`
 */
export async function planCheck(request: PlanRequest): Promise<Plan> {
  const { range, targets, agents, durations, runNx, print } = request;
  const affected = await affectedTasks(targets, range, runNx);
  const projects = placedProjects(affected, estimateFrom(durations), Object.keys(agents.classes), print);
  return planOf(projects, request);
}

/** Every agent has a shard, with nothing to do where the work does not reach that far: GitLab and Jenkins start all. */
export function planOf(
  projects: readonly PlacedProject[],
  { range, all, targets, agents }: Pick<PlanRequest, 'range' | 'all' | 'targets' | 'agents'>,
): Plan {
  const classes: readonly (readonly [name: string, agents: number])[] = [
    [DEFAULT_RESOURCE_CLASS, agents.agents],
    ...Object.entries(agents.classes).map(([name, of]) => [name, of.agents] as const),
  ];
  const spreads = classes.map(([name, count]) => ({
    name,
    spread: spread(
      projects.filter((project) => project.class === name),
      count,
    ),
  }));
  return {
    version: 1,
    ...range,
    targets: [...targets],
    ...(all ? { all } : {}),
    shards: spreads.flatMap(({ name, spread: { shards } }) =>
      shards.map(({ names, seconds }, index) => ({
        name: name === DEFAULT_RESOURCE_CLASS ? String(index + 1) : `${name}-${index + 1}`,
        class: name,
        projects: [...names],
        seconds: tenths(seconds),
      })),
    ),
    makespan: tenths(Math.max(...spreads.map(({ spread: { makespan } }) => makespan))),
    lowerBound: tenths(Math.max(...spreads.map(({ spread: { lowerBound } }) => lowerBound))),
  };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
