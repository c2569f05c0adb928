import { formatDuration, plural } from '../../reporting/format';
import { textTable } from '../../reporting/table';
import type { Plan, Shard } from '../plan-file';

/** What a plan comes to, for people, a line each. */
export function describePlan({ shards, targets, makespan, lowerBound }: Plan): string[] {
  const busy = shards.filter(hasWork);
  if (busy.length === 0) return [`Nothing is affected that has a target of ${targets.join(', ')}.`];
  const projects = busy.reduce((count, shard) => count + shard.projects.length, 0);
  return [
    ...textTable({
      header: ['shard', 'class', 'expected', 'projects'],
      alignment: ['left', 'left', 'right', 'left'],
      rows: shards.map((shard) => [
        shard.name,
        shard.class,
        hasWork(shard) ? formatDuration(shard.seconds) : '–',
        shard.projects.join(', '),
      ]),
    }),
    `${plural(projects, 'project')} on ${plural(busy.length, 'shard')}, done after ${formatDuration(makespan)}; no spreading could do it in less than ${formatDuration(lowerBound)}.`,
  ];
}

/** What the following jobs of GitHub Actions go by: `matrix` holds the shards with work, `any` whether there are some. */
export function githubOutputs({ shards }: Plan): string {
  const include = shards.filter(hasWork).map((shard) => ({ shard: shard.name, class: shard.class }));
  return `matrix=${JSON.stringify({ include })}\nany=${include.length > 0}\n`;
}

function hasWork({ projects }: Shard): boolean {
  return projects.length > 0;
}
