import type { InferredProjects } from './infer-projects';

/** The last graph of each workspace, for `createDependencies`, which Nx calls later in the same process. */
const graphs = new Map<string, InferredProjects>();

export function rememberGraph(workspaceRoot: string, inferred: InferredProjects): void {
  graphs.set(workspaceRoot, inferred);
}

export function rememberedGraph(workspaceRoot: string): InferredProjects | undefined {
  return graphs.get(workspaceRoot);
}
