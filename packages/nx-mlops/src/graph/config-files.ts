import { basename, dirname } from 'node:path/posix';

/** Files whose presence makes a folder a project of ours. */
export const configFileGlob = '**/{model,dataset}.config.json';

export type ProjectKind = 'model' | 'dataset';

export function kindOfConfigFile(file: string): ProjectKind {
  return basename(file) === configFileName('model') ? 'model' : 'dataset';
}

export function configFileName(kind: ProjectKind): string {
  return `${kind}.config.json`;
}

/** Folder of a config file, relative to the workspace; `.` for the workspace itself. */
export function projectRootOf(file: string): string {
  return dirname(file);
}
