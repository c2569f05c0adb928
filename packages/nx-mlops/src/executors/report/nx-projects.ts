import { MlopsError, suggestion } from '@nx-mlops/core';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { listedProjects } from '../../processes/listed-projects';
import type { RunNx } from '../../processes/workspace-nx';
import type { ReportedProject } from '../../reporting/workspace/model-report';

/** Which models to report. */
export type ModelSelection =
  | { readonly kind: 'affected'; readonly base?: string; readonly head?: string }
  | { readonly kind: 'projects'; readonly names: readonly string[] }
  | { readonly kind: 'all' };

const EXECUTOR = 'nx-mlops:';

const graphSchema = z.object({
  graph: z.object({
    nodes: z.record(
      z.string(),
      z.object({
        data: z.object({
          root: z.string(),
          targets: z.record(z.string(), z.object({ executor: z.string().optional() })).optional(),
        }),
      }),
    ),
    dependencies: z.record(z.string(), z.array(z.object({ target: z.string() }))),
  }),
});

/** All projects of the workspace, with the targets that are ours, by name. */
export async function readProjects(runNx: RunNx): Promise<Map<string, ReportedProject>> {
  const folder = await mkdtemp(join(tmpdir(), 'nx-mlops-graph-'));
  try {
    const file = join(folder, 'graph.json');
    await runNx(['graph', `--file=${file}`]);
    return projectsOfGraph(JSON.parse(await readFile(file, 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param graph as `nx graph --file=graph.json` writes it */
export function projectsOfGraph(graph: unknown): Map<string, ReportedProject> {
  const { nodes, dependencies } = graphSchema.parse(graph).graph;
  return new Map(
    Object.entries(nodes).map(([name, { data }]) => [
      name,
      {
        name,
        root: data.root,
        targets: Object.fromEntries(
          Object.entries(data.targets ?? {}).flatMap(([target, { executor }]) =>
            executor?.startsWith(EXECUTOR) === true ? [[executor.slice(EXECUTOR.length), target]] : [],
          ),
        ),
        // Edges to npm packages, too, which are no projects.
        dependencies: (dependencies[name] ?? [])
          .map(({ target }) => target)
          .filter((target) => target in nodes),
      },
    ]),
  );
}

/**
 * Names of the models to report, sorted.
 *
 * @throws MlopsError MLOPS_UNKNOWN_PROJECT for a name that is no project, or none with a gate
 */
export async function selectModels(
  projects: ReadonlyMap<string, ReportedProject>,
  selection: ModelSelection,
  runNx: RunNx,
): Promise<string[]> {
  const models = [...projects.values()].filter(({ targets }) => targets['gate'] !== undefined);
  const names = models.map(({ name }) => name).sort();
  switch (selection.kind) {
    case 'all':
      return names;
    case 'projects':
      for (const name of selection.names) requireModel(name, names, projects);
      return [...new Set(selection.names)].sort();
    case 'affected': {
      if (names.length === 0) return [];
      const targets = [...new Set(models.map(({ targets }) => targets['gate'] as string))];
      const affected = await affectedProjects(targets, selection, runNx);
      return names.filter((name) => affected.has(name));
    }
  }
}

/** Nx 24 selects by task, as `nx affected -t gate` does; Nx 23, and 24 with `affected.legacy`, by project, again as it does. */
async function affectedProjects(
  targets: readonly string[],
  { base, head }: { readonly base?: string; readonly head?: string },
  runNx: RunNx,
): Promise<ReadonlySet<string>> {
  const output = await runNx([
    'show',
    'projects',
    '--affected',
    ...targets.map((target) => `--with-target=${target}`),
    '--json',
    ...(base === undefined ? [] : [`--base=${base}`]),
    ...(head === undefined ? [] : [`--head=${head}`]),
  ]);
  return listedProjects(output);
}

function requireModel(
  name: string,
  models: readonly string[],
  projects: ReadonlyMap<string, ReportedProject>,
): void {
  if (models.includes(name)) return;
  throw new MlopsError(
    'MLOPS_UNKNOWN_PROJECT',
    projects.has(name)
      ? `"${name}" is no model: it has no gate.${suggestion(name, models)}`
      : `There is no project "${name}".${suggestion(name, models)}`,
  );
}
