import { MlopsError, layout, type FileSourceConfig } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { nameOfFile, type DatasetProject } from './dataset-project';

/**
 * The files of a source, sorted by path (code units, so alike on every system), relative to the dataset's folder,
 * with forward slashes. A path that exists is taken as it is, even when it looks like a glob.
 *
 * @throws MlopsError MLOPS_SOURCE_OUTSIDE for a path that leaves the workspace; MLOPS_SOURCE_MISSING for a file that is
 *   not there and for a glob that matches nothing; MLOPS_SOURCE_IS_FOLDER
 */
export async function findSourceFiles(
  project: DatasetProject,
  name: string,
  source: FileSourceConfig,
): Promise<string[]> {
  const patterns = typeof source.path === 'string' ? [source.path] : source.path;
  const found = new Set<string>();
  for (const pattern of patterns) {
    for (const file of await filesOf(project, name, pattern)) found.add(file);
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

async function filesOf(project: DatasetProject, name: string, pattern: string): Promise<string[]> {
  const location = { file: nameOfFile(project, layout.datasetConfig), path: `sources.${name}.path` };
  if (isAbsolute(pattern) || win32.isAbsolute(pattern) || leavesWorkspace(project, pattern)) {
    throw new MlopsError(
      'MLOPS_SOURCE_OUTSIDE',
      `"${pattern}" is outside the workspace, where other machines have no such file. Copy the data into the workspace, or link its folder into it, and give a path relative to this config.`,
      location,
    );
  }
  const kind = await kindOf(resolve(project.folder, pattern));
  if (kind === 'file') return [normalised(project, pattern)];
  if (kind === 'folder') {
    throw new MlopsError(
      'MLOPS_SOURCE_IS_FOLDER',
      `"${pattern}" is a folder. Say which of its files are meant, such as "${pattern.replace(/\/+$/, '')}/*.csv".`,
      location,
    );
  }
  if (!isDynamicPattern(pattern)) {
    throw new MlopsError(
      'MLOPS_SOURCE_MISSING',
      `"${pattern}" is not there. Raw data is usually not in git: fetch it to ${nameOfFile(project, pattern)}, or mend the path.`,
      location,
    );
  }
  const matches = await glob([pattern], {
    cwd: project.folder,
    expandDirectories: false,
    ignore: ['**/node_modules/**', '**/.git/**'],
  });
  if (matches.length === 0) {
    throw new MlopsError(
      'MLOPS_SOURCE_MISSING',
      `the glob "${pattern}" matches no file. Fetch the data first, or mend the glob; it is relative to ${project.root}, with forward slashes.`,
      location,
    );
  }
  return matches.map((match) => normalised(project, match));
}

/** `./data//x.csv` becomes `data/x.csv`, so that one file has one name in the lock. */
function normalised(project: DatasetProject, path: string): string {
  return relative(project.folder, resolve(project.folder, path)).split(sep).join('/');
}

function leavesWorkspace(project: DatasetProject, pattern: string): boolean {
  const path = relative(project.workspaceRoot, resolve(project.folder, pattern));
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
