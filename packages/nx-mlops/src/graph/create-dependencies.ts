import type { CreateDependencies, DependencyType, RawProjectGraphDependency } from '@nx/devkit';
import { datasetsOf } from './config-summary';
import { rememberedGraph } from './graph-memory';
import { inferProjects, type InferredConfig } from './infer-projects';
import type { PluginOptions } from './plugin-options';

/** The enum's own value would load all of @nx/devkit at graph time. */
const staticDependency = 'static' as DependencyType.static;

/** An edge from each model and each dataset to each dataset that its config names. */
export const createDependencies: CreateDependencies<PluginOptions> = async (options, context) => {
  const { configs } = rememberedGraph(context.workspaceRoot) ?? (await inferFromFileMap(options, context));
  const nameOfRoot = new Map(Object.entries(context.projects).map(([name, { root }]) => [root, name]));
  return configs.flatMap((config) =>
    edgesOf(config, nameOfRoot.get(config.project.root)).filter(({ target }) => target in context.projects),
  );
};

/** Nx calls createNodes first and in the same process, so this is for callers who do not. */
function inferFromFileMap(
  options: PluginOptions | undefined,
  context: Parameters<CreateDependencies<PluginOptions>>[1],
) {
  const files = Object.values(context.fileMap.projectFileMap)
    .flat()
    .map(({ file }) => file)
    .filter((file) => /(^|\/)(model|dataset)\.config\.json$/.test(file));
  return inferProjects(files, options, context);
}

function edgesOf({ file, summary }: InferredConfig, source: string | undefined): RawProjectGraphDependency[] {
  if (source === undefined || summary === undefined) return [];
  return datasetsOf(summary)
    .filter((target) => target !== source)
    .map((target) => ({ source, target, sourceFile: file, type: staticDependency }));
}
