import { sha256OfBytes } from '@nx-mlops/core';

/** Of each file, by path, its digest and stat as one text: `<sha256> <stat>`, as `statText` writes the stat. */
export type StatRecords = Map<string, string>;

const TITLE = 'nx-mlops stat cache 2';
const DIGEST_LENGTH = 64;

/**
 * The bytes of a stat cache: a line with the digest of all that follows, then one line a file. JSON with a schema took
 * seconds for 100,000 files; the digest in front replaces the check of each entry, for it finds any damage.
 */
export function encodeStatRecords(records: StatRecords): string {
  const lines: string[] = [];
  for (const [path, record] of records) lines.push(`${record} ${escaped(path)}\n`);
  const body = lines.join('');
  return `${TITLE} ${sha256OfBytes(body)}\n${body}`;
}

/** Empty when the text is not whole, or of another version: the cache is only a saving of time. */
export function decodeStatRecords(text: string): StatRecords {
  const records: StatRecords = new Map();
  const start = TITLE.length + 1 + DIGEST_LENGTH + 1;
  const body = text.slice(start);
  if (text.slice(0, start) !== `${TITLE} ${sha256OfBytes(body)}\n`) return records;
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\n', at);
    // Behind the digest come the four numbers of the stat, then the path, which may hold spaces.
    let space = at + DIGEST_LENGTH;
    for (let number = 0; number < 4; number++) space = body.indexOf(' ', space + 1);
    records.set(unescaped(body.slice(space + 1, end)), body.slice(at, space));
    at = end + 1;
  }
  return records;
}

function escaped(path: string): string {
  return /[\\\n]/.test(path) ? path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : path;
}

function unescaped(path: string): string {
  return path.includes('\\')
    ? path.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
    : path;
}
