import type { ProjectKind } from './config-files';
import type { InferredProject } from './build-project';
import { registryCommandKinds, type ResolvedOptions, type TargetKind } from './plugin-options';

const targetsOf: Record<ProjectKind, readonly TargetKind[]> = {
  dataset: ['lock', 'prepare', 'validate', 'infer', 'push', 'pull'],
  model: ['train', 'evaluate', 'gate', 'deploy', ...registryCommandKinds, 'serve'],
};

/**
 * The project of a config that cannot be used. It stays in the graph with its targets, each of which fails at its start
 * with what is wrong: an error thrown at graph time would stop every nx command of the workspace (23.3 and 24.0), also
 * those that have nothing to do with this project.
 *
 * @param problem what is wrong and how to mend it; shown by `nx show project` too
 */
export function brokenProject(
  project: {
    readonly name: string;
    readonly root: string;
    readonly kind: ProjectKind;
    readonly file: string;
  },
  problem: string,
  { targetNames }: ResolvedOptions,
  environments: readonly string[],
): InferredProject {
  const configurations = Object.fromEntries(environments.map((name) => [name, {}]));
  const targets = Object.fromEntries(
    targetsOf[project.kind].map((kind) => [
      targetNames[kind],
      {
        executor: `nx-mlops:${kind}`,
        options: {},
        cache: false,
        inputs: [`{workspaceRoot}/${project.file}`],
        metadata: { description: `Cannot run. ${problem}` },
        ...(takesEnvironment.includes(kind) ? { configurations } : {}),
      },
    ]),
  );
  return {
    name: project.name,
    root: project.root,
    targets,
    metadata: { description: `Broken. ${problem}`, targetGroups: { MLOps: Object.keys(targets) } },
  };
}

const takesEnvironment: readonly TargetKind[] = ['deploy', ...registryCommandKinds, 'serve'];
