import { joinPathFragments, normalizePath, workspaceRoot, type Tree } from '@nx/devkit';
import { MlopsError, safeName } from '@nx-mlops/core';
import { basename, dirname, posix, relative } from 'node:path';

/** Where a new project goes. */
export interface ProjectLocation {
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
}

/**
 * Folder of a new project, by the rules of first-party generators: `directory` as provided and relative to the
 * folder that the command was called from; left out, a folder with the project's name.
 *
 * @param cwd relative to the workspace, forward slashes, '' for the workspace itself
 * @throws MlopsError MLOPS_NAME when the name is no safe name, MLOPS_OUTSIDE_WORKSPACE when the folder is not in the
 *   workspace
 */
export function locateProject(
  { name, directory }: { readonly name: string; readonly directory?: string },
  cwd: string,
): ProjectLocation {
  if (!safeName.safeParse(name).success) {
    throw new MlopsError(
      'MLOPS_NAME',
      `"${name}" cannot name a project here: use letters, digits, ".", "-" and "_", starting with a letter or a digit. A folder goes into --directory.`,
    );
  }
  const wanted =
    directory === undefined ? name : posix.normalize(normalizePath(directory)).replace(/\/$/, '');
  const isBelowCwd = wanted === cwd || (cwd !== '' && wanted.startsWith(`${cwd}/`));
  const root = isBelowCwd ? wanted : joinPathFragments(cwd, wanted);
  if (root === '..' || root.startsWith('../') || posix.isAbsolute(wanted) || /^[A-Za-z]:/.test(wanted)) {
    throw new MlopsError(
      'MLOPS_OUTSIDE_WORKSPACE',
      `--directory=${directory} is not in this workspace. Give a folder inside it.`,
    );
  }
  return { name, root };
}

/**
 * The folder that the user called the command from, relative to the workspace. Package managers change the working
 * directory to that of the nearest package.json and keep the user's in INIT_CWD.
 */
export function callersFolder(environment: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  const called = environment['INIT_CWD'];
  const folder = called?.startsWith(workspaceRoot) === true ? called : cwd;
  const path = normalizePath(relative(workspaceRoot, folder)).replace(/\/$/, '');
  return path === '..' || path.startsWith('../') ? '' : path;
}

/** @throws MlopsError MLOPS_FOLDER_TAKEN when something is there already */
export function requireFreeFolder(tree: Tree, { name, root }: ProjectLocation): void {
  const present = tree.children(root);
  if (present.length === 0) return;
  throw new MlopsError(
    'MLOPS_FOLDER_TAKEN',
    `is there already and holds ${present.slice(0, 3).join(', ')}${present.length > 3 ? ', …' : ''}. Give another --directory for "${name}", or remove the folder first.`,
    { file: root },
  );
}

/** Whether Nx, left to itself, would call the project by this name. */
export function isNamedAfterFolder({ name, root }: ProjectLocation): boolean {
  return basename(root) === name;
}

/** A project's neighbour in the same parent folder. */
export function siblingOf({ root }: ProjectLocation, name: string): ProjectLocation {
  const parent = dirname(root);
  return { name, root: parent === '.' ? name : `${parent}/${name}` };
}
