import { MlopsError, layout, type FileSourceConfig } from '@nx-mlops/core';
import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { isAbsolute, posix, relative, resolve, sep, win32 } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { nameOfFile, type DatasetProject } from '../dataset-project';

/** The paths of a source as its config gives them: one or several. */
export function patternsOf({ path }: Pick<FileSourceConfig, 'path'>): readonly string[] {
  return typeof path === 'string' ? [path] : path;
}

/**
 * The files of a source, sorted by path (code units, so alike on every system), relative to the dataset's folder,
 * with forward slashes. A path that exists is taken as it is, even when it looks like a glob; a folder is all its files,
 * also in folders below, without those that begin with a dot and without node_modules. Links are followed.
 *
 * @param patterns paths and globs, no addresses
 * @throws MlopsError MLOPS_SOURCE_OUTSIDE for a path that leaves the workspace; MLOPS_SOURCE_MISSING for a file that is
 *   not there and for a glob or folder without files; MLOPS_SOURCE_UNREADABLE
 */
export async function findSourceFiles(
  project: DatasetProject,
  name: string,
  patterns: readonly string[],
): Promise<string[]> {
  const found: string[][] = [];
  for (const pattern of patterns) found.push(await filesOf(project, name, pattern));
  const [first = [], ...others] = found;
  return (others.length === 0 ? first : [...new Set(found.flat())]).sort();
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
  const path = normalised(project, pattern);
  const kind = kindOf(resolve(project.folder, pattern));
  if (kind === 'file') return [path];
  if (kind === 'other') {
    throw new MlopsError(
      'MLOPS_SOURCE_UNREADABLE',
      `"${pattern}" is neither a file nor a folder. Give a file that holds the data.`,
      location,
    );
  }
  if (kind === 'folder') {
    const files = filesBelow(project, path);
    if (files.length > 0) return files;
    throw new MlopsError(
      'MLOPS_SOURCE_MISSING',
      `the folder "${pattern}" holds no file (those that begin with a dot do not count). Fetch the data first, or mend the path.`,
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
  // `../` may lead out and in again; elsewhere the quicker way does.
  return pattern.startsWith('.')
    ? matches.map((match) => normalised(project, match))
    : matches.map((match) => posix.normalize(match));
}

/** `./data//x.csv` becomes `data/x.csv`, so that one file has one name in the lock. */
function normalised(project: DatasetProject, path: string): string {
  return relative(project.folder, resolve(project.folder, path)).split(sep).join('/');
}

function leavesWorkspace(project: DatasetProject, pattern: string): boolean {
  const path = relative(project.workspaceRoot, resolve(project.folder, pattern));
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

function kindOf(path: string): 'file' | 'folder' | 'other' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
}

/** @param folder relative to the dataset's folder; empty for that folder itself */
function filesBelow(project: DatasetProject, folder: string): string[] {
  const files: string[] = [];
  // The folders above, by their real paths: a link to one of them would go round for ever.
  const walk = (path: string, above: readonly string[]) => {
    const absolute = resolve(project.folder, path);
    for (const entry of entriesOf(project, path, absolute)) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      const kind = entry.isFile()
        ? 'file'
        : entry.isDirectory()
          ? 'folder'
          : entry.isSymbolicLink()
            ? kindOfLink(project, child)
            : 'other';
      if (kind === 'file') files.push(child);
      if (kind !== 'folder') continue;
      const real = entry.isSymbolicLink() ? realpathSync(resolve(absolute, entry.name)) : undefined;
      if (real !== undefined && above.includes(real)) continue;
      walk(child, [...above, real ?? `${above.at(-1) ?? ''}${sep}${entry.name}`]);
    }
  };
  walk(folder, [realpathSync(resolve(project.folder, folder))]);
  return files;
}

function entriesOf(project: DatasetProject, path: string, absolute: string): Dirent[] {
  try {
    return readdirSync(absolute, { withFileTypes: true });
  } catch (error) {
    throw unreadable(project, path, error);
  }
}

function kindOfLink(project: DatasetProject, path: string): 'file' | 'folder' | 'other' {
  const kind = kindOf(resolve(project.folder, path));
  if (kind !== undefined) return kind;
  throw new MlopsError(
    'MLOPS_SOURCE_MISSING',
    'is a link to something that is not there. Fetch the data that it links to, or remove the link.',
    { file: nameOfFile(project, path) },
  );
}

/** @param path relative to the dataset's folder */
export function unreadable(project: DatasetProject, path: string, cause: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_SOURCE_UNREADABLE',
    `cannot be read (${(cause as Error).message}). Check that it is there and that you may read it.`,
    { file: nameOfFile(project, path) },
    { cause },
  );
}
