import type { ColumnType } from '@nx-mlops/core';
import type { LockedFile } from '../lock/dataset-lock';

/** Columns of a source whose table is the list of its files. */
export const fileListTypes = {
  path: 'string',
  size: 'integer',
  sha256: 'string',
} as const satisfies Record<string, ColumnType>;

/** The files of a source as CSV: path, size in bytes, digest. */
export function fileListText(files: readonly LockedFile[]): string {
  const rows = files.map(({ path, size, sha256 }) => `"${path.replaceAll('"', '""')}",${size},${sha256}\n`);
  return `${Object.keys(fileListTypes).join(',')}\n${rows.join('')}`;
}
