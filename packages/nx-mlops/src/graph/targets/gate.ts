import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { modelConfigWithout, noNpmPackages, output, writtenBefore } from './inputs';
import { baseTarget, type Input, type ModelContext } from './target-context';

/** Judged anew each time, since the champion changes without a commit. Its inputs tell `nx affected` when. */
export function gateTarget(context: ModelContext): TargetConfiguration {
  return {
    ...baseTarget('gate', context, 'Judges the evaluation by the gates; one that fails, fails the build'),
    cache: false,
    dependsOn: [context.options.targetNames.evaluate],
    inputs: judgedInputs,
    outputs: [output(layout.gate)],
  };
}

/** What a verdict rests on, as far as files go. */
export const judgedInputs: Input[] = [
  modelConfigWithout('training', 'datasets.train', 'datasets.validation'),
  writtenBefore(layout.evaluationFile),
  noNpmPackages,
];
