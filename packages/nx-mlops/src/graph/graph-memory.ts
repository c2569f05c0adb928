import type { KnownConfigurations } from './configuration-guard';
import type { InferredProjects } from './infer-projects';

/** The last graph of each workspace, for the hooks that Nx calls later in the same process. */
const graphs = new Map<string, InferredProjects>();
const configurations = new Map<string, KnownConfigurations>();

export function rememberGraph(workspaceRoot: string, inferred: InferredProjects): void {
  graphs.set(workspaceRoot, inferred);
}

export function rememberedGraph(workspaceRoot: string): InferredProjects | undefined {
  return graphs.get(workspaceRoot);
}

export function rememberConfigurations(workspaceRoot: string, known: KnownConfigurations): void {
  configurations.set(workspaceRoot, known);
}

/** Undefined when no graph was made in this process. */
export function rememberedConfigurations(workspaceRoot: string): KnownConfigurations | undefined {
  return configurations.get(workspaceRoot);
}
