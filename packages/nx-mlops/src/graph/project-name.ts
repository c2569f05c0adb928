import { parse } from 'jsonc-parser';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ReadConfig } from './read-config';

/** By project folder. Both config files of one folder make one project. */
export function projectNames(
  workspaceRoot: string,
  reads: readonly Pick<ReadConfig, 'root' | 'name'>[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const { root, name } of reads) {
    if (name !== undefined && !names.has(root)) names.set(root, name);
  }
  for (const { root } of reads) {
    const name =
      nameByProjectFiles(workspaceRoot, root) ?? names.get(root) ?? nameByFolder(workspaceRoot, root);
    names.set(root, name);
  }
  return names;
}

/**
 * The name that Nx gives the project of a folder by its other files, which win over what a plugin says: project.json
 * first, then package.json.
 *
 * @returns undefined when neither gives a name
 */
function nameByProjectFiles(workspaceRoot: string, root: string): string | undefined {
  return (
    nonEmpty(readJson(join(workspaceRoot, root, 'project.json'))?.['name']) ??
    nameInPackageJson(readJson(join(workspaceRoot, root, 'package.json')))
  );
}

/** The folder's own name; for a project at the root, that of the workspace's folder. */
function nameByFolder(workspaceRoot: string, root: string): string {
  return basename(resolve(workspaceRoot, root));
}

function nameInPackageJson(packageJson: Record<string, unknown> | undefined): string | undefined {
  const nx = packageJson?.['nx'];
  const inNx =
    nx !== null && typeof nx === 'object' ? nonEmpty((nx as Record<string, unknown>)['name']) : undefined;
  return inNx ?? nonEmpty(packageJson?.['name']);
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  const value: unknown = parse(readFileSync(file, 'utf8'));
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
