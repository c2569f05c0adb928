import { MlopsError, sourceFormats } from '@nx-mlops/core';
import { posix } from 'node:path';

/** Formats that are read as a table; of "files" nothing is read. */
export type SourceFormat = Exclude<(typeof sourceFormats)[number], 'files'>;

const formatOfExtension: Readonly<Record<string, SourceFormat>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
};

/** The format that a file's extension tells (`.gz` passed over), or undefined. */
export function formatOfFile(path: string): SourceFormat | undefined {
  return formatOfExtension[posix.extname(path.toLowerCase().replace(/\.gz$/, ''))];
}

/**
 * The one format of a source's files.
 *
 * @throws MlopsError MLOPS_SOURCE_FORMAT when an extension tells none, or the files are of several
 */
export function formatOfSource(
  paths: readonly string[],
  configured: SourceFormat | undefined,
  location: { file: string; path: string },
): SourceFormat {
  if (configured !== undefined) return configured;
  const formats = new Map(paths.map((path) => [formatOfFile(path), path]));
  if (formats.size > 1) {
    throw new MlopsError(
      'MLOPS_SOURCE_FORMAT',
      `the files are of several formats: ${[...formats].map(([format, path]) => `${path} (${format ?? 'unknown'})`).join(', ')}. Make them sources of their own and join them in the prepare SQL.`,
      location,
    );
  }
  const [format] = formats.keys();
  if (format === undefined) {
    throw new MlopsError(
      'MLOPS_SOURCE_FORMAT',
      `the extension of "${paths[0] ?? ''}" does not tell its format. Add "format": ${sourceFormats.map((name) => `"${name}"`).join(' or ')}.`,
      location,
    );
  }
  return format;
}
