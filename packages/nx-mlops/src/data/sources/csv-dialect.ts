import type { SourceEncoding } from '@nx-mlops/core';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** What separates the cells of a CSV file, and how many its header has. */
export interface CsvDialect {
  readonly delimiter: CsvDelimiter;
  readonly columns: number;
}

const delimiters = [',', ';', '\t', '|'] as const;
export type CsvDelimiter = (typeof delimiters)[number];

/** Longer header lines are cut; they hold far more columns than anyone reads. */
const MOST_HEADER_BYTES = 1 << 20;

/**
 * The delimiter of a CSV text, told from its header alone: of comma, semicolon, tab and bar the one that is there most
 * often outside double quotes; a comma when none is there. Guessing from the rows instead, as most readers do, takes
 * a broken line for another dialect and drops rows without a word.
 *
 * @param start the text up to the end of its header at least
 */
export function csvDialect(start: string): CsvDialect {
  const counts = new Map<string, number>(delimiters.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const character of start.replace(/^\uFEFF/, '')) {
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '\n' || character === '\r') break;
    else if (counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const delimiter = delimiters.reduce((best, next) =>
    (counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best,
  );
  return { delimiter, columns: (counts.get(delimiter) ?? 0) + 1 };
}

/** The dialect of a CSV file, gunzipped where its name ends with `.gz`. */
export async function csvDialectOfFile(file: string, encoding?: SourceEncoding): Promise<CsvDialect> {
  return csvDialect(await startOfFile(file, encoding));
}

/** The names in the header of a CSV file; one that is there twice gets a number, so that they tell cells apart. */
export async function csvNamesOfFile(
  file: string,
  { delimiter }: Pick<CsvDialect, 'delimiter'>,
  encoding?: SourceEncoding,
): Promise<string[]> {
  const seen = new Set<string>();
  return csvNames(await startOfFile(file, encoding), delimiter).map((name, index) => {
    const unique = name === '' || seen.has(name.toLowerCase()) ? `${name}_${index + 1}` : name;
    seen.add(unique.toLowerCase());
    return unique;
  });
}

/** The cells of the first line, unquoted. */
export function csvNames(start: string, delimiter: CsvDelimiter): string[] {
  const names = [''];
  let quoted = false;
  for (const character of start.replace(/^\uFEFF/, '')) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && character === delimiter) names.push('');
    else names[names.length - 1] += character;
  }
  return names;
}

async function startOfFile(file: string, encoding: SourceEncoding = 'utf-8'): Promise<string> {
  const raw = createReadStream(file);
  const text = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => text.destroy(error));
  let start = '';
  try {
    for await (const chunk of text) {
      start += (chunk as Buffer).toString(nodeEncodings[encoding]);
      if (hasWholeHeader(start) || start.length > MOST_HEADER_BYTES) break;
    }
  } finally {
    raw.destroy();
  }
  return start;
}

const nodeEncodings = {
  'utf-8': 'utf8',
  'latin-1': 'latin1',
  'utf-16': 'utf16le',
} as const satisfies Record<SourceEncoding, BufferEncoding>;

/** A line break inside quotes belongs to a name; an even number of quotes before it means it does not. */
function hasWholeHeader(start: string): boolean {
  for (let at = start.indexOf('\n'); at !== -1; at = start.indexOf('\n', at + 1)) {
    if (start.slice(0, at).split('"').length % 2 === 1) return true;
  }
  return false;
}
