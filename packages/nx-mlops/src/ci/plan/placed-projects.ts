import { DEFAULT_RESOURCE_CLASS, suggestion } from '@nx-mlops/core';
import type { AffectedTasks } from './affected-tasks';
import type { Estimate } from './estimate';
import type { Work } from './spread';
import type { GraphTask } from './task-graph';

/** A project that a shard runs, with the class of machines that it asks for. */
export interface PlacedProject extends Work {
  readonly class: string;
}

/**
 * The projects with affected tasks, in the order of their names: what each costs a shard, and where it may run.
 *
 * @param classes that mlops.json names
 * @param warn gets a line for each class that it does not name, and for a project that asks for two
 */
export function placedProjects(
  { tasks, requested, isExpected }: AffectedTasks,
  estimate: Estimate,
  classes: readonly string[],
  warn: (line: string) => void,
): PlacedProject[] {
  const names = new Set([...requested].map((id) => (tasks.get(id) as GraphTask).project));
  const unknown = new Map<string, string[]>();
  const placed = [...names].sort().map((name) => {
    const own = [...requested].filter((id) => tasks.get(id)?.project === name);
    const expected = withDependencies(own, tasks).filter(isExpected);
    const wanted = new Set(
      // What its own tasks ask for comes before what those that it waits for do.
      [...expected.filter(({ project }) => project === name), ...expected].flatMap(({ resourceClass }) =>
        resourceClass === undefined || resourceClass === DEFAULT_RESOURCE_CLASS ? [] : [resourceClass],
      ),
    );
    const known = [...wanted].filter((each) => classes.includes(each));
    for (const each of wanted) {
      if (!classes.includes(each)) unknown.set(each, [...(unknown.get(each) ?? []), name]);
    }
    if (known.length > 1) {
      warn(`${name} asks for the resource classes ${known.join(' and ')}; it runs on ${known[0]}.`);
    }
    return {
      name,
      class: known[0] ?? DEFAULT_RESOURCE_CLASS,
      tasks: new Map(expected.map((task) => [task.id, estimate(task)])),
    };
  });
  for (const [name, projects] of [...unknown].sort()) {
    warn(
      `mlops.json names no resource class "${name}" under ci.classes, so ${projects.join(', ')} may run anywhere.${suggestion(name, classes)}`,
    );
  }
  return placed;
}

function withDependencies(ids: readonly string[], tasks: ReadonlyMap<string, GraphTask>): GraphTask[] {
  const found = new Map<string, GraphTask>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const task = tasks.get(id);
    if (task === undefined || found.has(id)) continue;
    found.set(id, task);
    open.push(...task.dependsOn);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
