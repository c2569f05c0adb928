import type { CreateNodes, CreateNodesResultArray } from '@nx/devkit';
import { configFileGlob } from './config-files';
import { rememberGraph } from './graph-memory';
import { inferProjects } from './infer-projects';
import type { PluginOptions } from './plugin-options';

/** Makes a project of each `model.config.json` and `dataset.config.json`. */
export const createNodes: CreateNodes<PluginOptions> = [
  configFileGlob,
  async (files, options, context): Promise<CreateNodesResultArray> => {
    const inferred = await inferProjects(files, options, context);
    rememberGraph(context.workspaceRoot, inferred);
    for (const problem of inferred.problems) console.warn(`nx-mlops: ${problem}`);
    return inferred.configs.map(({ file, project }) => [file, { projects: { [project.root]: project } }]);
  },
];
