import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import type { SplitReference } from '../config-summary';
import type { WorkspaceFacts } from '../workspace-facts';
import { contract, modelConfigWithout, noNpmPackages, output, splitManifest, writtenBefore } from './inputs';
import { scriptFiles } from './script-files';
import { baseTarget, type Input, type ModelContext } from './target-context';
import { validatedDatasets } from './validated-datasets';

const CONTRACT = 3;

/**
 * Keyed by the model's manifest, not by what trained it: a training that gives the same model leaves it cached. The
 * validation split counts only where the threshold is chosen on it, or a script may look at it.
 */
export function evaluateTarget(context: ModelContext): TargetConfiguration {
  const splits = measuredSplits(context);
  return {
    ...baseTarget('evaluate', context, 'Measures the model on its test split, beside a baseline'),
    cache: true,
    dependsOn: [context.options.targetNames.train, validatedDatasets(splits, context.options)],
    inputs: [
      modelConfigWithout(
        'training',
        'datasets.train',
        ...(context.summary.readsValidation ? [] : ['datasets.validation']),
        'evaluation.gates',
        'evaluation.timeoutMinutes',
      ),
      writtenBefore(layout.modelManifest),
      ...splits.map(splitManifest),
      ...libraries(context),
      contract('evaluate', CONTRACT),
    ],
    outputs: [output(layout.evaluation)],
  };
}

function measuredSplits({ summary: { datasets, readsValidation } }: ModelContext): SplitReference[] {
  return readsValidation && datasets.validation !== undefined
    ? [datasets.test, datasets.validation]
    : [datasets.test];
}

/** The runtime that predicts; where a script does, its code and what that runs with too. */
function libraries(context: ModelContext): Input[] {
  const { facts, summary } = context;
  if (summary.evaluationScript === undefined) return onnxRuntime(facts);
  const files = scriptFiles(context, summary.evaluationScript);
  // Where imports are not known every npm package counts, the runtime among them; a list would take the others out.
  return facts.importsAreKnown || summary.evaluationScript === 'python'
    ? [...files, ...onnxRuntime(facts)]
    : files;
}

/** Nx stops at the name of a package that is not in its graph, so it is given only where the lockfile has it. */
function onnxRuntime({ onnxRuntime: installed }: WorkspaceFacts): Input[] {
  if (installed === 'in-graph') return [{ externalDependencies: ['onnxruntime-node'] }];
  if (installed === 'absent') return [noNpmPackages];
  return [noNpmPackages, { runtime: `echo onnxruntime-node-${installed.version}` }];
}
