import type { TargetConfiguration } from '@nx/devkit';
import type { DatasetSummary, ModelSummary } from '../config-summary';
import type { ResolvedOptions, TargetKind } from '../plugin-options';
import type { WorkspaceFacts } from '../workspace-facts';

/** All that the targets of one project are made from. */
export interface TargetContext<Summary = ModelSummary | DatasetSummary> {
  /** Name of the Nx project. */
  readonly project: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  readonly summary: Summary;
  readonly options: ResolvedOptions;
  readonly facts: WorkspaceFacts;
}

export type ModelContext = TargetContext<ModelSummary>;
export type DatasetContext = TargetContext<DatasetSummary>;
export type Input = NonNullable<TargetConfiguration['inputs']>[number];
export type Dependency = NonNullable<TargetConfiguration['dependsOn']>[number];

/** What every target of ours has: its executor, and the help that `nx show target` and the editor print. */
export function baseTarget(
  kind: TargetKind,
  { project, options }: TargetContext,
  description: string,
): Pick<TargetConfiguration, 'executor' | 'options' | 'metadata'> & { options: object } {
  return {
    executor: `nx-mlops:${kind}`,
    // A task's hash holds the options of all targets of its project, so whatever stood here would make the model train
    // anew when it changed.
    options: {},
    metadata: {
      technologies: ['onnx'],
      description,
      help: { command: `npx nx run ${project}:${options.targetNames[kind]} --help`, example: {} },
    },
  };
}

/** Each environment as a configuration without options: its name is what the executor needs. */
export function environmentConfigurations({ facts }: TargetContext): Record<string, object> {
  return Object.fromEntries(facts.environments.map((name) => [name, {}]));
}
