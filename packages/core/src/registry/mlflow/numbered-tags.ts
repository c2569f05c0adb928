import { MlopsError } from '../../errors/mlops-error';

/** Characters of a value. The database column takes 5,000 where the server lets more through. */
const LONGEST = 4500;
const DIGITS = 6;
const HASH = 12;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A text under a number, as one writer wrote it. */
export interface NumberedText {
  readonly number: number;
  /** The first twelve characters of the hash that it was written under. */
  readonly hash: string;
  readonly text: string;
  /** That holds its beginning, and makes it count. */
  readonly key: string;
}

/**
 * The tags that hold a text under a number, in the order in which they are to be written: `<prefix>.000007.<hash>` comes
 * last, the rest of a long text, `<prefix>.000007.<hash>.1` and so on, before it, so that what was cut off does not count.
 *
 * With the hash in the key two writers never overwrite each other.
 *
 * @param text ASCII, for databases differ in what else they keep
 */
export function tagsOf(prefix: string, number: number, hash: string, text: string): Tag[] {
  const key = `${prefix}.${String(number).padStart(DIGITS, '0')}.${hash.slice(0, HASH)}`;
  const pieces = text.match(new RegExp(`[^]{1,${LONGEST}}`, 'g')) ?? [''];
  return pieces.map((value, index) => ({ key: index === 0 ? key : `${key}.${index}`, value })).reverse();
}

/** All texts under a prefix that count, by number and hash. Several under one number are of writers at once. */
export function textsOf(prefix: string, tags: ReadonlyMap<string, string>): NumberedText[] {
  const found: NumberedText[] = [];
  for (const [key, value] of tags) {
    const [number, hash, ...rest] = key.startsWith(`${prefix}.`)
      ? key.slice(prefix.length + 1).split('.')
      : [];
    if (number === undefined || hash === undefined || rest.length > 0) continue;
    if (!/^\d+$/.test(number)) continue;
    let text = value;
    for (let index = 1; ; index++) {
      const more = tags.get(`${key}.${index}`);
      if (more === undefined) break;
      text += more;
    }
    found.push({ number: Number(number), hash, text, key });
  }
  return found.sort((a, b) => a.number - b.number || (a.hash < b.hash ? -1 : 1));
}

/** Keys of texts under one number of which there are several. */
export function contested(texts: readonly NumberedText[]): string[] {
  const byNumber = new Map<number, string[]>();
  for (const { number, key } of texts) byNumber.set(number, [...(byNumber.get(number) ?? []), key]);
  return [...byNumber.values()].find((keys) => keys.length > 1) ?? [];
}

/** That two commands wrote at once and one of them was stopped before it withdrew. */
export function forked(keys: readonly string[], where: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_FORKED',
    `two commands wrote the same place of the history at once, and one of them was stopped before it could withdraw: the registered model has the tags ${keys.join(' and ')}. Delete the tag of the command that did not report success (when neither did, both), with the tags that go on with .1, .2; nothing is read or recorded for this model until then.`,
    { file: where },
  );
}

/** JSON with nothing but ASCII in it. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
