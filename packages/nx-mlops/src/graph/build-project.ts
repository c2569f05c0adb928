import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { TargetKind } from './plugin-options';
import { deployTarget } from './targets/deploy';
import { evaluateTarget } from './targets/evaluate';
import { gateTarget } from './targets/gate';
import { inferTarget } from './targets/infer';
import { lockTarget } from './targets/lock';
import { pullTarget } from './targets/pull';
import { pushTarget } from './targets/push';
import { prepareTarget } from './targets/prepare';
import { registryCommandTargets } from './targets/registry-commands';
import { serveTarget } from './targets/serve';
import type { DatasetContext, ModelContext, TargetContext } from './targets/target-context';
import { trainTarget } from './targets/train';
import { validateTarget } from './targets/validate';

/** A project as the plugin infers it; what package.json and project.json say comes on top. */
export type InferredProject = Omit<ProjectConfiguration, 'root'> & { root: string };

export function buildProject(context: TargetContext): InferredProject {
  const { project, root, summary } = context;
  const targets = byName(
    context,
    isModel(context) ? modelTargets(context) : datasetTargets(context as DatasetContext),
  );
  return {
    name: project,
    root,
    targets,
    metadata: {
      technologies: ['onnx'],
      ...(summary.description === undefined ? {} : { description: summary.description }),
      targetGroups: { MLOps: Object.keys(targets) },
    },
  };
}

function isModel(context: TargetContext): context is ModelContext {
  return context.summary.kind === 'model';
}

function datasetTargets(context: DatasetContext): Partial<Record<TargetKind, TargetConfiguration>> {
  return {
    lock: lockTarget(context),
    prepare: prepareTarget(context),
    validate: validateTarget(context),
    infer: inferTarget(context),
    push: pushTarget(context),
    pull: pullTarget(context),
  };
}

function modelTargets(context: ModelContext): Partial<Record<TargetKind, TargetConfiguration>> {
  return {
    train: trainTarget(context),
    evaluate: evaluateTarget(context),
    gate: gateTarget(context),
    deploy: deployTarget(context),
    ...registryCommandTargets(context),
    serve: serveTarget(context),
  };
}

function byName(
  { options }: TargetContext,
  targets: Partial<Record<TargetKind, TargetConfiguration>>,
): Record<string, TargetConfiguration> {
  return Object.fromEntries(
    Object.entries(targets).map(([kind, target]) => [options.targetNames[kind as TargetKind], target]),
  );
}
