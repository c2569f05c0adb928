import { layout } from '@nx-mlops/core';
import picomatch from 'picomatch';

/** Bytes of a file that is handed on at most: results are for people and reports, models go by the cache. */
export const MAX_RESULT_BYTES = 10_000_000;

/** Folders that the task of an executor of ours fills, by the name of the executor. */
export const resultFolders: Readonly<Record<string, readonly string[]>> = {
  prepare: [layout.prepared],
  validate: [layout.validation, layout.validationFailed],
  train: [layout.model],
  evaluate: [layout.evaluation],
  gate: [layout.gate],
};

const allFolders = Object.values(resultFolders).flat();

/** Whether a file of these folders is among the small ones that are kept, by its name. */
export function isSmallKind(file: string): boolean {
  return !/\.(onnx|parquet)$/i.test(file);
}

/** A result as its path tells. */
export interface ResultPlace {
  /** The folder of ours that it lies in, relative to the workspace; undefined for a file of `ci.results`. */
  readonly folder: string | undefined;
}

/**
 * Whether a path may be a result: the same rule for what a job gives and for what a later one takes.
 *
 * @param path relative to the workspace, forward slashes
 * @param globs `ci.results` of mlops.json
 */
export function resultPlace(path: string, globs: readonly string[]): ResultPlace | undefined {
  const parts = path.split('/');
  const isOdd = (part: string) => part === '' || part === '.' || part === '..' || /[\\\0:]/.test(part);
  if (parts.some(isOdd) || parts.some((part) => /^(\.git|node_modules)$/i.test(part))) return undefined;
  const folder = folderOf(path);
  if (folder !== undefined) return isSmallKind(path) ? { folder } : undefined;
  if (`${path}/`.startsWith('.mlops/ci/')) return undefined;
  return globs.some((glob) => picomatch.isMatch(path, glob, { dot: true }))
    ? { folder: undefined }
    : undefined;
}

function folderOf(path: string): string | undefined {
  const at = path.startsWith('.mlops/') ? 0 : path.indexOf('/.mlops/') + 1;
  const root = path.slice(0, at);
  const rest = path.slice(at);
  const folder = allFolders.find((each) => rest.startsWith(`${each}/`));
  return folder === undefined ? undefined : `${root}${folder}`;
}
