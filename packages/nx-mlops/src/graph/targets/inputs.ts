import { fileNameOfProject, layout, splitManifestFile } from '@nx-mlops/core';
import type { SplitReference } from '../config-summary';
import type { Input } from './target-context';

/**
 * A number of ours in a target's hash: raised when the same inputs could give another result, and only then, so that
 * upgrading the plugin trains nothing anew. It goes by what a command prints, since Nx hashes of an environment
 * variable the value alone, and an option would be in the hash of every target of the project.
 */
export function contract(target: string, number: number): Input {
  return { runtime: `echo nx-mlops-${target}-${number}` };
}

/** Without this Nx hashes every npm package of the workspace. */
export const noNpmPackages: Input = { externalDependencies: [] };

/** The config of a model less what the target does not read. Comments and layout of the file never count. */
export function modelConfigWithout(...fields: string[]): Input {
  return configWithout(layout.modelConfig, fields);
}

export function datasetConfigWithout(...fields: string[]): Input {
  return configWithout(layout.datasetConfig, fields);
}

/** Fields are left out rather than picked, so that a key which a later version brings is in the hash until decided. */
function configWithout(file: string, fields: readonly string[]): Input {
  return { json: `{projectRoot}/${file}`, excludeFields: ['$schema', 'name', 'description', ...fields] };
}

/** A file that a task before this one writes, of the task's own project or of one that it depends on. */
export function writtenBefore(file: string): Input {
  return { dependentTasksOutputFiles: `**/${file}`, transitive: true };
}

/**
 * As `writtenBefore`, of the tasks alone that the target itself depends on: a dataset that is made from another must not
 * see the manifest of that one.
 */
export function writtenJustBefore(file: string): Input {
  return { dependentTasksOutputFiles: `**/${file}` };
}

/** The manifest of one split: changes when the rows do, and with nothing else of the dataset. */
export function splitManifest({ dataset, split }: SplitReference): Input {
  return writtenBefore(splitManifestFile(fileNameOfProject(dataset), split));
}

export function output(folder: string): string {
  return `{projectRoot}/${folder}`;
}
