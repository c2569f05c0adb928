import type { FileSourceConfig } from '@nx-mlops/core';
import { MlopsError, layout } from '@nx-mlops/core/light';
import { isAbsolute, posix, relative, resolve, sep, win32 } from 'node:path';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { isGlob, parseGlob, type GlobPattern } from './glob-pattern';
import { kindOf, walkFiles } from './walk-files';

/** The paths of a source as its config gives them: one or several. */
export function patternsOf({ path }: Pick<FileSourceConfig, 'path'>): readonly string[] {
  return typeof path === 'string' ? [path] : path;
}

/**
 * The files of a source, sorted by path (code units, so alike on every system), relative to the dataset's folder,
 * with forward slashes. A path that exists is taken as it is, even when it looks like a glob; a folder is all its files,
 * also in folders below, without those that begin with a dot. Links are followed; node_modules and .git are passed over.
 *
 * @param patterns paths and globs, no addresses
 * @returns the files in lists, as they are found, so that they can be looked at meanwhile
 * @throws MlopsError MLOPS_SOURCE_OUTSIDE for a path that leaves the workspace; MLOPS_SOURCE_MISSING for a file that is
 *   not there and for a glob or folder without files; MLOPS_SOURCE_UNREADABLE
 */
export function* sourceFiles(
  project: DatasetProject,
  name: string,
  patterns: readonly string[],
): Generator<readonly string[], void> {
  const [pattern] = patterns;
  if (pattern !== undefined && patterns.length === 1) {
    yield* filesOf(project, name, pattern);
    return;
  }
  const found = new Set<string>();
  for (const pattern of patterns) {
    for (const files of filesOf(project, name, pattern)) for (const file of files) found.add(file);
  }
  yield [...found].sort();
}

/** All that `sourceFiles` gives, as one list. */
export function findSourceFiles(
  project: DatasetProject,
  name: string,
  patterns: readonly string[],
): string[] {
  return [...sourceFiles(project, name, patterns)].flat();
}

function* filesOf(
  project: DatasetProject,
  name: string,
  pattern: string,
): Generator<readonly string[], void> {
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
  if (kind === 'file') return yield [path];
  if (kind === 'other') {
    throw new MlopsError(
      'MLOPS_SOURCE_UNREADABLE',
      `"${pattern}" is neither a file nor a folder. Give a file that holds the data.`,
      location,
    );
  }
  if (kind === 'folder') {
    if (yield* whetherAny(filesBelow(project, path))) return;
    throw new MlopsError(
      'MLOPS_SOURCE_MISSING',
      `the folder "${pattern}" holds no file (those that begin with a dot do not count). Fetch the data first, or mend the path.`,
      location,
    );
  }
  if (!isGlob(pattern)) {
    throw new MlopsError(
      'MLOPS_SOURCE_MISSING',
      `"${pattern}" is not there. Raw data is usually not in git: fetch it to ${nameOfFile(project, pattern)}, or mend the path.`,
      location,
    );
  }
  if (yield* whetherAny(filesOfGlob(project, parseGlob(pattern)))) return;
  throw new MlopsError(
    'MLOPS_SOURCE_MISSING',
    `the glob "${pattern}" matches no file. Fetch the data first, or mend the glob; it is relative to ${project.root}, with forward slashes.`,
    location,
  );
}

/** Passes lists on, and says in the end whether there was one. */
function* whetherAny(lists: Iterable<readonly string[]>): Generator<readonly string[], boolean> {
  let any = false;
  for (const list of lists) {
    any = true;
    yield list;
  }
  return any;
}

/** `./data//x.csv` becomes `data/x.csv`, so that one file has one name in the lock. */
function normalised(project: DatasetProject, path: string): string {
  return relative(project.folder, resolve(project.folder, path)).split(sep).join('/');
}

function leavesWorkspace(project: DatasetProject, pattern: string): boolean {
  const path = relative(project.workspaceRoot, resolve(project.folder, pattern));
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** @param folder relative to the dataset's folder; empty for that folder itself */
function filesBelow(project: DatasetProject, folder: string): Generator<string[], void> {
  const isShown = (path: string) => path[path.lastIndexOf('/') + 1] !== '.';
  return walkFiles(resolve(project.folder, folder), folder, {
    takes: isShown,
    enters: isShown,
    onBrokenLink: (path) => {
      if (isShown(path)) throw brokenLink(project, path);
    },
    onUnreadable: (path, cause) => unreadable(project, path, cause),
  });
}

function* filesOfGlob(project: DatasetProject, glob: GlobPattern): Generator<string[], void> {
  const folder = resolve(project.folder, glob.base);
  if (kindOf(folder) !== 'folder' || /(^|\/)(node_modules|\.git)(\/|$)/.test(glob.base)) return;
  // `../` may lead out and in again; a file has one name in the lock, and the glob knows it by another.
  const name = normalised(project, glob.base);
  const asInGlob =
    name === glob.base
      ? (path: string) => path
      : (path: string) => posix.join(glob.base, posix.relative(name, path));
  yield* walkFiles(folder, name, {
    takes: (path) => glob.matches(asInGlob(path)),
    enters: (path) => glob.mayHold(asInGlob(path)),
    onBrokenLink: () => undefined,
    onUnreadable: (path, cause) => unreadable(project, path, cause),
  });
}

function brokenLink(project: DatasetProject, path: string): MlopsError {
  return new MlopsError(
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
