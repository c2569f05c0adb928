import { z } from 'zod';

/** A task that Nx would run, as its graph tells of it. */
export interface GraphTask {
  readonly id: string;
  readonly project: string;
  readonly target: string;
  /** Such as `nx-mlops:train`. */
  readonly executor?: string;
  readonly isCached: boolean;
  /** That its target names in `metadata.resourceClass`. */
  readonly resourceClass?: string;
  /** Ids of the tasks that it waits for. */
  readonly dependsOn: readonly string[];
}

// Nx 24 writes an edge as an object, Nx 23 as the id itself.
const edge = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);

const graphSchema = z.object({
  graph: z.object({
    nodes: z.record(
      z.string(),
      z.object({
        data: z.object({
          targets: z
            .record(
              z.string(),
              z.object({
                executor: z.string().optional(),
                metadata: z.object({ resourceClass: z.string().optional().catch(undefined) }).optional(),
              }),
            )
            .default({}),
        }),
      }),
    ),
  }),
  tasks: z.object({
    tasks: z.record(
      z.string(),
      z.object({
        target: z.object({ project: z.string(), target: z.string() }),
        cache: z.boolean().optional(),
      }),
    ),
    dependencies: z.record(z.string(), z.array(edge)),
    continuousDependencies: z.record(z.string(), z.array(edge)).default({}),
  }),
});

/**
 * Tasks by id, in the order of their ids.
 *
 * @param graph as `nx affected -t <targets> --graph=<file>` writes it (Nx 23.3 and 24.0)
 */
export function tasksOfGraph(graph: unknown): ReadonlyMap<string, GraphTask> {
  const { graph: projects, tasks } = graphSchema.parse(graph);
  const entries = Object.entries(tasks.tasks).map(([id, { target, cache }]): [string, GraphTask] => {
    const { executor, metadata } = projects.nodes[target.project]?.data.targets[target.target] ?? {};
    return [
      id,
      {
        id,
        ...target,
        ...(executor === undefined ? {} : { executor }),
        isCached: cache === true,
        ...(metadata?.resourceClass === undefined ? {} : { resourceClass: metadata.resourceClass }),
        dependsOn: [...(tasks.dependencies[id] ?? []), ...(tasks.continuousDependencies[id] ?? [])],
      },
    ];
  });
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
