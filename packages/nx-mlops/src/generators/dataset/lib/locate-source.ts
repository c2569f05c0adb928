import { MlopsError } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { findSourceFiles } from '../../../data/sources/source-files';

/** Where the data is and how the config will name it. */
export interface LocatedSource {
  /** Name in `sources`, fit to stand in SQL without quotes. */
  readonly name: string;
  /** Relative to the project's folder, forward slashes. */
  readonly path: string;
  /** Absolute, where the files are now. */
  readonly files: readonly string[];
  /** Absolute, where the file shall be copied to; undefined when it stays where it is. */
  readonly copyTo?: string;
}

/**
 * Finds the data that `--source` means.
 *
 * @param source as the user wrote it
 * @param places absolute folders: the workspace, where the user is, the new project
 * @throws MlopsError MLOPS_SOURCE_MISSING, MLOPS_SOURCE_OUTSIDE for a file that other machines would not have
 */
export async function locateSource(
  source: string,
  copy: boolean,
  places: { readonly workspaceRoot: string; readonly cwd: string; readonly projectFolder: string },
): Promise<LocatedSource> {
  const { workspaceRoot, cwd, projectFolder } = places;
  const absolute = resolve(cwd, source);
  const name = sourceName(source);
  if (copy) {
    if (!(await isFile(absolute))) {
      throw new MlopsError('MLOPS_SOURCE_MISSING', `--source=${source}: there is no such file to copy.`);
    }
    const path = posix.join('data', basename(absolute));
    return { name, path, files: [absolute], copyTo: resolve(projectFolder, path) };
  }
  if (leaves(workspaceRoot, absolute)) {
    throw new MlopsError(
      'MLOPS_SOURCE_OUTSIDE',
      `--source=${source} is outside the workspace, where other machines have no such file. Add --copy to copy it into the project's data folder, which git ignores, or bring it into the workspace yourself.`,
    );
  }
  const path = relative(projectFolder, absolute).split(sep).join('/');
  const project = {
    workspaceRoot,
    name,
    root: relative(workspaceRoot, projectFolder),
    folder: projectFolder,
  };
  const found = filesOf(() => findSourceFiles(project, name, [path]), { source, cwd });
  return { name, path, files: found.map((file) => resolve(projectFolder, file)) };
}

/** Errors name the option: the config that they would name is not written yet. */
function filesOf(
  find: () => string[],
  { source, cwd }: { readonly source: string; readonly cwd: string },
): string[] {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    throw new MlopsError(
      error.code,
      error.code === 'MLOPS_SOURCE_MISSING'
        ? `--source=${source}: no such file. The path is relative to ${cwd}.`
        : `--source=${source}: ${error.message}`,
      {},
      { cause: error },
    );
  }
}

/** `data/2001 Flights.csv.gz` becomes `data_2001_flights`; a glob takes its folder's name. */
export function sourceName(source: string): string {
  const parts = source.split(/[\\/]+/).filter((part) => part !== '' && !/^\.+$|[*?[\]{}]/.test(part));
  const stem = (parts.at(-1) ?? '').replace(/\.(gz)$/i, '').replace(/\.[A-Za-z]+$/, '');
  const safe = stem
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
    .slice(0, 60);
  if (safe === '') return 'data';
  return /^[0-9]/.test(safe) ? `data_${safe}` : safe;
}

function leaves(workspaceRoot: string, path: string): boolean {
  const inside = relative(workspaceRoot, path);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
